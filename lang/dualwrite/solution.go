package dualwrite

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Solution describes a solution of Dataverse that carries maps.
type Solution struct {
	UniqueName string // letters, digits and underscores
	Version    string // four numbers
	Prefix     string // of its publisher: dual-write wants the maps' own
}

var (
	uniqueName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)
	prefixForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]{1,7}$`)
	fourNumber = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9}){3}$`)
)

// ValidPrefix tells whether Dataverse takes a publisher's prefix: two to eight
// letters and digits, the first a letter, not beginning with mscrm.
func ValidPrefix(prefix string) bool {
	return prefixForm.MatchString(prefix) && !strings.HasPrefix(strings.ToLower(prefix), "mscrm")
}

// Zip gives the solution's files: unmanaged, the maps as rows of
// msdyn_dualwriteentitymap, the table as root component and the dependency on
// the solution that has it. The same maps give the same bytes: ids are made of
// name, version and content, and the files have no time.
func (s Solution) Zip(records []Record) ([]byte, error) {
	switch {
	case !uniqueName.MatchString(s.UniqueName):
		return nil, fmt.Errorf("%q is no unique name of a solution: letters, digits and underscores", s.UniqueName)
	case !ValidPrefix(s.Prefix):
		return nil, fmt.Errorf("%q is no prefix of a publisher: two to eight letters and digits", s.Prefix)
	case !fourNumber.MatchString(s.Version):
		return nil, fmt.Errorf("%q is no version of a solution such as 1.0.0.0", s.Version)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	var errs []error
	for _, f := range []struct{ name, text string }{
		{"[Content_Types].xml", contentTypes},
		{"solution.xml", s.manifest()},
		{"customizations.xml", customizations(records)},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate})
		if err == nil {
			_, err = w.Write([]byte(f.text))
		}
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, z.Close())...); err != nil {
		return nil, fmt.Errorf("solution: %w", err)
	}
	return out.Bytes(), nil
}

const contentTypes = `<?xml version="1.0" encoding="utf-8"?>` +
	`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="xml" ContentType="text/xml" /></Types>`

const instance = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`

func (s Solution) manifest() string {
	name, prefix := escapeXML(s.UniqueName), escapeXML(strings.ToLower(s.Prefix))
	return `<?xml version="1.0" encoding="utf-8"?>
<ImportExportXml version="9.2.0.0" SolutionPackageVersion="9.2" languagecode="1033" generatedBy="dw" ` + instance + `>
  <SolutionManifest>
    <UniqueName>` + name + `</UniqueName>
    <LocalizedNames>
      <LocalizedName description="` + name + `" languagecode="1033" />
    </LocalizedNames>
    <Descriptions />
    <Version>` + escapeXML(s.Version) + `</Version>
    <Managed>0</Managed>
    <Publisher>
      <UniqueName>` + prefix + `</UniqueName>
      <LocalizedNames>
        <LocalizedName description="` + prefix + `" languagecode="1033" />
      </LocalizedNames>
      <Descriptions />
      <EMailAddress xsi:nil="true"></EMailAddress>
      <SupportingWebsiteUrl xsi:nil="true"></SupportingWebsiteUrl>
      <CustomizationPrefix>` + prefix + `</CustomizationPrefix>
      <CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix>
      <Addresses />
    </Publisher>
    <RootComponents>
      <RootComponent type="1" schemaName="msdyn_dualwriteentitymap" behavior="1" />
    </RootComponents>
    <MissingDependencies>
      <MissingDependency>
        <Required type="1" schemaName="msdyn_dualwriteentitymap" displayName="Dual Write Entity Map" solution="msdyn_DualWriteCore" />
        <Dependent type="1" schemaName="msdyn_dualwriteentitymap" displayName="Dual Write Entity Map" />
      </MissingDependency>
    </MissingDependencies>
  </SolutionManifest>
</ImportExportXml>
`
}

// mapIDs is the namespace in which the ids of exported maps are made.
const mapIDs = "6f4f8c5e-63f1-4f0e-9d0b-0d1d7c2a9b11"

func customizations(records []Record) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?>
<ImportExportXml ` + instance + `>
  <Entities></Entities>
  <Roles></Roles>
  <Workflows></Workflows>
  <FieldSecurityProfiles></FieldSecurityProfiles>
  <Templates />
  <EntityMaps />
  <EntityRelationships />
  <OrganizationSettings />
  <optionsets />
  <CustomControls />
  <SolutionPluginAssemblies />
  <EntityDataProviders />
  <msdyn_dualwriteentitymaps>
`)
	sorted := slices.Clone(records)
	slices.SortStableFunc(sorted, func(a, b Record) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range sorted {
		mapping := string(r.MappingJSON())
		id := uuid.NewSHA1(uuid.MustParse(mapIDs), []byte(r.Name+"\x00"+r.Version+"\x00"+mapping))
		fmt.Fprintf(&b, "    <msdyn_dualwriteentitymap msdyn_dualwriteentitymapid=\"%s\">\n", id)
		for _, column := range [][2]string{
			{"iscustomizable", "1"},
			{"msdyn_displayname", r.DisplayName},
			{"msdyn_mapping", mapping},
			{"msdyn_name", r.Name},
			{"msdyn_properties", string(r.PropertiesJSON())},
			{"msdyn_version", r.Version},
			{"statecode", "0"},
			{"statuscode", "1"},
		} {
			fmt.Fprintf(&b, "      <%s>%s</%s>\n", column[0], escapeXML(column[1]), column[0])
		}
		b.WriteString("    </msdyn_dualwriteentitymap>\n")
	}
	b.WriteString(`  </msdyn_dualwriteentitymaps>
  <Languages>
    <Language>1033</Language>
  </Languages>
</ImportExportXml>
`)
	return b.String()
}

func escapeXML(s string) string {
	var b bytes.Buffer
	// A buffer takes every write.
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
