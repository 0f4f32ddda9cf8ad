package fno

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dualwrite/dw/runtime/sandbox/catalog"
)

// The entity sets by which the service shows its data projects and their
// executions. They are kept by people and by the service; OData only reads them.
const (
	projectsSet       = "DataManagementDefinitionGroups"
	projectDetailsSet = "DataManagementDefinitionGroupDetails"
	executionsSet     = "DataManagementExecutionJobs"
	executionRowsSet  = "DataManagementExecutionJobDetails"
)

// Operations of a project.
const (
	operationImport = "Import"
	operationExport = "Export"
)

// sourceFormat is the one source data format of the twin: comma separated with
// a header row, UTF-8, times in UTC, language en-us.
const sourceFormat = "CSV"

// managementEntities are those sets. What their other fields are called is not
// documented.
func managementEntities() []catalog.Entity {
	entity := func(name, set, label string, key []string, texts, numbers []string) catalog.Entity {
		e := catalog.Entity{Name: name, EntitySet: set, AOT: "DMF" + strings.TrimPrefix(name, "DataManagement") + "Entity", Label: label, Key: key, Sources: 1}
		for _, p := range texts {
			e.Properties = append(e.Properties, catalog.Property{Name: p, Type: "Edm.String"})
		}
		for _, p := range numbers {
			e.Properties = append(e.Properties, catalog.Property{Name: p, Type: "Edm.Int32"})
		}
		return e
	}
	return []catalog.Entity{
		entity("DataManagementDefinitionGroup", projectsSet, "Data projects", []string{"Name"},
			[]string{"Name", "Description", "ProjectCategory", "OperationType"}, nil),
		entity("DataManagementDefinitionGroupDetail", projectDetailsSet, "Data project entities", []string{"DefinitionGroupId", "EntityName"},
			[]string{"DefinitionGroupId", "EntityName", "SourceFormat", "InputFilePath", "DefaultRefreshType"},
			[]string{"ExecutionUnit", "LevelInExecutionUnit", "SequenceInLevel"}),
		entity("DataManagementExecutionJob", executionsSet, "Data executions", []string{"JobId"},
			[]string{"JobId", "DefinitionGroupId", "Company"}, nil),
		entity("DataManagementExecutionJobDetail", executionRowsSet, "Data execution entities", []string{"JobId", "EntityName"},
			[]string{"JobId", "EntityName", "StagingStatus", "TargetStatus"},
			[]string{"StagingRecordsToBeProcessedCount", "TargetRecordsCreatedCount", "TargetRecordsUpdatedCount"}),
	}
}

// Project is a data project, as people make it on the page "Data management".
type Project struct {
	Name     string   `json:"name"`
	Export   bool     `json:"export,omitempty"`   // else it imports
	Entities []string `json:"entities,omitempty"` // entity sets; an import project gets them from its packages too
}

// CreateProject makes a data project, or gives one of the name other entities.
func (t *Twin) CreateProject(ctx context.Context, p Project) error {
	if !t.management.on() {
		return errNoManagement
	}
	if p.Name = strings.TrimSpace(p.Name); p.Name == "" {
		return errors.New("a data project needs a name")
	}
	if p.Export && len(p.Entities) == 0 {
		return errors.New("an export project needs an entity")
	}
	var lines []*set
	for _, name := range p.Entities {
		s := t.sets[name]
		if s == nil || s.internal {
			return fmt.Errorf("there is no entity set %q", name)
		}
		if s.NoPackages {
			return fmt.Errorf("data management does not offer the entity %q", name)
		}
		lines = append(lines, s)
	}
	operation := operationImport
	if p.Export {
		operation = operationExport
	}
	return t.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(tx.ctx, `INSERT INTO "`+projectsSet+`" (rec_version, Name, ProjectCategory, OperationType) VALUES (1, ?, 'Project', ?)
			ON CONFLICT (Name) DO UPDATE SET OperationType = excluded.OperationType, rec_version = rec_version + 1`, p.Name, operation)
		if err != nil {
			return err
		}
		return setLines(tx, p.Name, lines)
	})
}

// setLines gives a project its entities.
func setLines(tx *transaction, project string, lines []*set) error {
	if _, err := tx.ExecContext(tx.ctx, `DELETE FROM "`+projectDetailsSet+`" WHERE DefinitionGroupId = ?`, project); err != nil {
		return err
	}
	for i, s := range lines {
		_, err := tx.ExecContext(tx.ctx, `INSERT INTO "`+projectDetailsSet+`" (rec_version, DefinitionGroupId, EntityName, SourceFormat, InputFilePath,
			DefaultRefreshType, ExecutionUnit, LevelInExecutionUnit, SequenceInLevel) VALUES (1, ?, ?, ?, ?, 'FullPush', 1, 1, ?)`,
			project, s.Label, sourceFormat, fileName(s.Label), i+1)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteProject takes a project away; deleting what is not there does nothing.
func (t *Twin) DeleteProject(ctx context.Context, name string) error {
	return t.write(ctx, func(tx *transaction) error {
		for _, statement := range []string{`DELETE FROM "` + projectDetailsSet + `" WHERE DefinitionGroupId = ?`, `DELETE FROM "` + projectsSet + `" WHERE Name = ?`} {
			if _, err := tx.ExecContext(tx.ctx, statement, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// Projects gives all data projects by name.
func (t *Twin) Projects(ctx context.Context) ([]Project, error) {
	projects := []Project{}
	if !t.management.on() {
		return projects, nil
	}
	rows, err := t.db.QueryContext(ctx, `SELECT p.Name, p.OperationType, coalesce(d.EntityName, '') FROM "`+projectsSet+`" p
		LEFT JOIN "`+projectDetailsSet+`" d ON d.DefinitionGroupId = p.Name ORDER BY p.Name, d.SequenceInLevel`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name, operation, label string
		if err := rows.Scan(&name, &operation, &label); err != nil {
			return nil, err
		}
		if n := len(projects); n == 0 || projects[n-1].Name != name {
			projects = append(projects, Project{Name: name, Export: operation == operationExport})
		}
		if s := t.labelled(label); s != nil {
			p := &projects[len(projects)-1]
			p.Entities = append(p.Entities, s.EntitySet)
		}
	}
	return projects, rows.Err()
}

// project finds a project of a kind and its entities.
func (t *Twin) project(ctx context.Context, name string, export bool) (*Project, error) {
	projects, err := t.Projects(ctx)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(projects, func(p Project) bool { return strings.EqualFold(p.Name, name) && p.Export == export })
	if at < 0 {
		return nil, &failure{message: fmt.Sprintf("Data project %s does not exist.", name), exception: typeManagement}
	}
	return &projects[at], nil
}

// labelled finds an entity set by the name that data management gives it.
func (t *Twin) labelled(label string) *set {
	for _, s := range t.ordered {
		if !s.internal && !s.NoPackages && label != "" && strings.EqualFold(s.Label, label) {
			return s
		}
	}
	return nil
}

// fileName is the file of an entity in a package: its label without what file
// names must not have.
func fileName(label string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\/:*?"<>|`, r) || r < ' ' {
			return -1
		}
		return r
	}, label) + ".csv"
}

// Parameters are the execution parameters of an entity: with more than
// Threshold records an import is cut into Tasks that run at once.
type Parameters struct {
	Entity    string `json:"entity"` // entity set
	Threshold int    `json:"threshold"`
	Tasks     int    `json:"tasks"`
}

// SetParameters changes the execution parameters of an entity.
func (t *Twin) SetParameters(ctx context.Context, p Parameters) error {
	s := t.sets[p.Entity]
	if s == nil || s.internal || !t.management.on() {
		return fmt.Errorf("there is no entity set %q", p.Entity)
	}
	if p.Tasks < 1 || p.Threshold < 0 {
		return errors.New("an import has at least one task and a threshold of 0 records or more")
	}
	if p.Tasks > 1 && t.rules.singleTask(s) {
		//lint:ignore ST1005 the service's own words
		return fmt.Errorf("Custom sequence is defined for the entity '%s', more than one task is not supported.", s.Label)
	}
	return t.write(ctx, func(tx *transaction) error {
		_, err := tx.ExecContext(tx.ctx, `INSERT INTO "_execution_parameters" (entity, threshold, tasks) VALUES (?, ?, ?)
			ON CONFLICT (entity) DO UPDATE SET threshold = excluded.threshold, tasks = excluded.tasks`, s.EntitySet, p.Threshold, p.Tasks)
		return err
	})
}

// tasks is into how many tasks an import of some records is cut.
func (t *Twin) tasks(ctx context.Context, s *set, records int64) (int64, error) {
	var threshold, tasks int64
	rows, err := t.db.QueryContext(ctx, `SELECT threshold, tasks FROM "_execution_parameters" WHERE entity = ?`, s.EntitySet)
	if err != nil {
		return 1, err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&threshold, &tasks); err != nil {
			return 1, err
		}
	}
	if threshold == 0 || records <= threshold {
		return 1, rows.Err()
	}
	return max(1, min(tasks, (records+threshold-1)/threshold)), rows.Err()
}
