package sqlite

import (
	"encoding/json"
	"fmt"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/planner/plan"
)

// applicationID marks a SQLite file as a state of dw ("dwst").
const applicationID = 0x64777374

// migrations bring the file from one schema version to the next: the first
// makes version 1 of an empty file. One that was released is never changed.
func migrations() []string {
	return []string{schema1, schema2, schema3, schema4, schema5}
}

// Tables with rowids and unique indexes beside them take random keys faster
// than tables clustered by such a key. Ids come from store.seq, one sequence
// for all, so that an id is never used twice and the sequence can order
// observations against writes. Sides: 1 F&O, 2 Dataverse.
const schema1 = `
CREATE TABLE store (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	lineage TEXT    NOT NULL,
	seq     INTEGER NOT NULL
);
CREATE TABLE meta (
	name TEXT NOT NULL UNIQUE,
	text TEXT NOT NULL
);
CREATE TABLE links (
	name   TEXT    NOT NULL UNIQUE,
	serial INTEGER NOT NULL
);
CREATE TABLE deployed (
	link       TEXT    NOT NULL,
	map        TEXT    NOT NULL,
	version    INTEGER NOT NULL,
	current    INTEGER NOT NULL,
	definition TEXT    NOT NULL, -- JSON
	status     TEXT    NOT NULL,
	initial    TEXT    NOT NULL,
	at         TEXT    NOT NULL,
	by         TEXT    NOT NULL,
	UNIQUE (link, map, version)
);
CREATE UNIQUE INDEX deployed_current ON deployed (map) WHERE current = 1;
CREATE TABLE cursors (
	map   TEXT    NOT NULL,
	side  INTEGER NOT NULL,
	phase TEXT    NOT NULL,
	next  TEXT    NOT NULL,
	token TEXT    NOT NULL,
	rows  INTEGER NOT NULL,
	UNIQUE (map, side)
);
CREATE TABLE observations (
	seq      INTEGER PRIMARY KEY,
	as_of    INTEGER NOT NULL,
	map      TEXT    NOT NULL,
	side     INTEGER NOT NULL,
	key      TEXT    NOT NULL,
	company  TEXT    NOT NULL,
	id       TEXT    NOT NULL,
	version  TEXT    NOT NULL,
	in_scope INTEGER NOT NULL,
	deleted  INTEGER NOT NULL,
	vals     BLOB,
	UNIQUE (map, side, id)
);
CREATE INDEX observations_key ON observations (map, key);
CREATE TABLE pairs (
	id                INTEGER PRIMARY KEY,
	map               TEXT    NOT NULL,
	map_version       INTEGER NOT NULL,
	key               TEXT    NOT NULL,
	company           TEXT    NOT NULL,
	fno_id            TEXT    NOT NULL,
	fno_version       TEXT    NOT NULL,
	fno_key           BLOB,
	dataverse_id      TEXT    NOT NULL,
	dataverse_version TEXT    NOT NULL,
	dataverse_key     BLOB,
	states            BLOB, -- a byte a slot
	base              BLOB, -- F&O's and, where it is another, Dataverse's value of each slot
	owes              INTEGER NOT NULL,
	written           INTEGER NOT NULL
);
CREATE INDEX pairs_map ON pairs (map);
CREATE INDEX pairs_key ON pairs (map, key);
CREATE UNIQUE INDEX pairs_fno ON pairs (map, fno_id) WHERE fno_id <> '';
CREATE UNIQUE INDEX pairs_dataverse ON pairs (map, dataverse_id) WHERE dataverse_id <> '';
CREATE INDEX pairs_owing ON pairs (map) WHERE owes = 1;
CREATE TABLE intents (
	id          INTEGER PRIMARY KEY,
	pair        INTEGER NOT NULL,
	map         TEXT    NOT NULL,
	map_version INTEGER NOT NULL,
	key         TEXT    NOT NULL,
	company     TEXT    NOT NULL,
	side        INTEGER NOT NULL,
	op          TEXT    NOT NULL,
	target_id   TEXT    NOT NULL,
	target_key  BLOB,
	if_match    TEXT    NOT NULL,
	fields      BLOB,
	state       TEXT    NOT NULL,
	bulk        INTEGER NOT NULL
);
CREATE INDEX intents_map ON intents (map);
CREATE INDEX intents_target ON intents (map, side, target_id);
CREATE TABLE listed (
	id      INTEGER PRIMARY KEY,
	map     TEXT    NOT NULL,
	key     TEXT    NOT NULL,
	kind    TEXT    NOT NULL,
	side    TEXT    NOT NULL,
	field   TEXT    NOT NULL,
	record  TEXT    NOT NULL,
	company TEXT    NOT NULL,
	code    TEXT    NOT NULL,
	reason  TEXT    NOT NULL,
	hint    TEXT    NOT NULL,
	waits   TEXT    NOT NULL,
	payload TEXT    NOT NULL,
	at      TEXT    NOT NULL,
	UNIQUE (map, key, kind, side, field)
);
CREATE INDEX listed_kind ON listed (map, kind);
CREATE TABLE tallies (
	map   TEXT NOT NULL UNIQUE,
	tally TEXT NOT NULL -- JSON
);
`

// schema2 adds what live synchronisation needs: histories, commands, and what
// became of pairs one of whose records is gone.
const schema2 = `
ALTER TABLE observations ADD COLUMN own INTEGER NOT NULL DEFAULT 0;
ALTER TABLE observations ADD COLUMN at TEXT NOT NULL DEFAULT '';
ALTER TABLE pairs ADD COLUMN life TEXT NOT NULL DEFAULT '';
ALTER TABLE pairs ADD COLUMN rounds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pairs ADD COLUMN seen_at TEXT NOT NULL DEFAULT '';
ALTER TABLE intents ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE intents ADD COLUMN rules TEXT NOT NULL DEFAULT ''; -- separated by commas
ALTER TABLE intents ADD COLUMN after TEXT NOT NULL DEFAULT '';
ALTER TABLE listed ADD COLUMN wait_map TEXT NOT NULL DEFAULT '';
ALTER TABLE listed ADD COLUMN wait_key TEXT NOT NULL DEFAULT '';
CREATE INDEX listed_wait ON listed (wait_map, wait_key) WHERE wait_map <> '';
CREATE TABLE changes (
	id          INTEGER PRIMARY KEY,
	map         TEXT    NOT NULL,
	map_version INTEGER NOT NULL,
	key         TEXT    NOT NULL,
	record      TEXT    NOT NULL,
	at          TEXT    NOT NULL,
	after       TEXT    NOT NULL,
	side        INTEGER NOT NULL,
	from_side   INTEGER NOT NULL,
	op          TEXT    NOT NULL,
	field       TEXT    NOT NULL,
	column      TEXT    NOT NULL,
	rule        TEXT    NOT NULL,
	vals        BLOB,
	note        TEXT    NOT NULL
);
CREATE INDEX changes_key ON changes (map, key);
CREATE TABLE commands (
	id     INTEGER PRIMARY KEY,
	name   TEXT NOT NULL,
	map    TEXT NOT NULL,
	args   TEXT NOT NULL, -- JSON
	at     TEXT NOT NULL,
	by     TEXT NOT NULL,
	state  TEXT NOT NULL,
	answer TEXT NOT NULL
);
`

// schema3 adds who may write and until when, and how each version of a map came
// about.
const schema3 = `
CREATE TABLE lock (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	epoch   INTEGER NOT NULL,
	owner   TEXT    NOT NULL,
	machine TEXT    NOT NULL,
	pid     INTEGER NOT NULL,
	purpose TEXT    NOT NULL,
	run     TEXT    NOT NULL,
	since   TEXT    NOT NULL,
	until   TEXT    NOT NULL
);
ALTER TABLE deployed ADD COLUMN origin TEXT NOT NULL DEFAULT ''; -- JSON
ALTER TABLE deployed ADD COLUMN removed TEXT NOT NULL DEFAULT ''; -- JSON
`

// schema4 adds digests of definitions, and what a plan reads of the maps without
// their definitions in one place.
const schema4 = `
ALTER TABLE deployed ADD COLUMN digest TEXT NOT NULL DEFAULT ''; -- of the definition
CREATE INDEX deployed_heads ON deployed (link, map, version, status, initial, at, by, origin, removed, digest, current) WHERE current = 1;
`

// schema5 adds what a scan by export has read of records before it sees them.
// They come in the order of their keys, so that the table may be clustered.
const schema5 = `
CREATE TABLE heads (
	map     TEXT NOT NULL,
	key     TEXT NOT NULL,
	id      TEXT NOT NULL,
	version TEXT NOT NULL,
	vals    BLOB,
	PRIMARY KEY (map, key, id)
) WITHOUT ROWID;
`

// digestsFrom is the first format that has digests.
const digestsFrom = 4

// addDigests gives what an older dw has deployed its digests.
func addDigests(on *session) error {
	rows, err := on.conn.QueryContext(uncut, "SELECT rowid, definition FROM deployed WHERE current = 1")
	if err != nil {
		return err
	}
	defer rows.Close()
	found, digests := map[int64]string{}, plan.NewDigester()
	for rows.Next() {
		var id int64
		var text []byte
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		var d plan.Definition
		if json.Unmarshal(text, &d) == nil { // what is damaged is told where it is read
			found[id] = digests.Definition(&d)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for id, digest := range found {
		if err := on.exec("UPDATE deployed SET digest = ? WHERE rowid = ?", digest, id); err != nil {
			return err
		}
	}
	return nil
}

// oldestRead is the oldest format that a Reader reads.
const oldestRead = 2

// readAs makes a connection that only reads see an older file as if it had the
// newest format: names of the temporary schema go before those of the file.
func readAs(on *session, version int) error {
	if version >= len(migrations()) {
		return nil
	}
	if err := on.exec("CREATE TEMP TABLE heads (map TEXT, key TEXT, id TEXT, version TEXT, vals BLOB)"); err != nil {
		return err
	}
	switch {
	case version >= digestsFrom:
		return nil
	case version >= 3:
		return on.exec("CREATE TEMP VIEW deployed AS SELECT *, '' AS digest FROM main.deployed")
	}
	return on.exec(`
CREATE TEMP TABLE lock (
	one INTEGER, epoch INTEGER, owner TEXT, machine TEXT, pid INTEGER, purpose TEXT, run TEXT, since TEXT, until TEXT
);
CREATE TEMP VIEW deployed AS SELECT *, '' AS origin, '' AS removed, '' AS digest FROM main.deployed;`)
}

// header reads what a file says that it is.
func header(on *session) (app int64, version int, err error) {
	if err := on.conn.QueryRowContext(uncut, "PRAGMA application_id").Scan(&app); err != nil {
		return 0, 0, err
	}
	err = on.conn.QueryRowContext(uncut, "PRAGMA user_version").Scan(&version)
	return app, version, err
}

// prepareFile makes the schema of a new file or brings an older one up to
// date, in one transaction.
func prepareFile(on *session, path string, newID func() string) (err error) {
	app, version, err := header(on)
	if err != nil {
		return openFailure(path, err)
	}
	all := migrations()
	if err := checkHeader(app, version, len(all), path); err != nil {
		return err
	}
	if app == 0 {
		if empty, err := isEmpty(on); err != nil {
			return openFailure(path, err)
		} else if !empty {
			return foreignFailure(path)
		}
	}
	if err := on.exec("PRAGMA journal_mode = WAL"); err != nil {
		return openFailure(path, err)
	}
	if version == len(all) {
		return nil
	}
	if err := on.exec("BEGIN IMMEDIATE"); err != nil {
		return openFailure(path, err)
	}
	defer func() {
		if err != nil {
			_ = on.exec("ROLLBACK")
			err = openFailure(path, err)
		}
	}()
	for _, m := range all[version:] {
		if err := on.exec(m); err != nil {
			return err
		}
	}
	if 0 < version && version < digestsFrom {
		if err := addDigests(on); err != nil {
			return err
		}
	}
	if version == 0 {
		if err := on.exec("INSERT INTO store (one, lineage, seq) VALUES (1, ?, 0)", newID()); err != nil {
			return err
		}
	}
	// Pragmas take no parameters; both are numbers of this package.
	if err := on.exec(fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return err
	}
	if err := on.exec(fmt.Sprintf("PRAGMA user_version = %d", len(all))); err != nil {
		return err
	}
	return on.exec("COMMIT")
}

// checkFile tells whether a Reader can read the file.
func checkFile(on *session, path string) error {
	app, version, err := header(on)
	if err != nil {
		return openFailure(path, err)
	}
	latest := len(migrations())
	if err := checkHeader(app, version, latest, path); err != nil {
		return err
	}
	switch {
	case app == 0:
		if empty, err := isEmpty(on); err != nil {
			return openFailure(path, err)
		} else if empty { // an engine was cut off before it made anything
			return noState(path)
		}
		return foreignFailure(path)
	case version < oldestRead:
		return diag.Fail(diag.Diagnostic{Code: diag.CodeStateOlder, Severity: diag.Error, Address: path,
			Summary: "the state was written by an older dw",
			Detail:  fmt.Sprintf("%s has format %d; this dw reads formats from %d on, and a command that only reads changes nothing.", path, version, oldestRead),
			Hint:    "Run `dw apply` with this dw once: it brings the state up to date."})
	}
	return nil
}

// isEmpty tells whether a file has no tables at all.
func isEmpty(on *session) (bool, error) {
	var tables int
	err := on.conn.QueryRowContext(uncut, "SELECT count(*) FROM sqlite_schema").Scan(&tables)
	return tables == 0, err
}

func checkHeader(app int64, version, latest int, path string) error {
	switch {
	case app != 0 && app != applicationID, app == 0 && version != 0:
		return foreignFailure(path)
	case version > latest:
		return diag.Fail(diag.Diagnostic{Code: diag.CodeStateNewer, Severity: diag.Error, Address: path,
			Summary: "the state was written by a newer dw",
			Detail:  fmt.Sprintf("%s has format %d; this dw knows formats up to %d.", path, version, latest),
			Hint:    "Use the dw that wrote it, or a newer one."})
	}
	return nil
}

func foreignFailure(path string) error {
	return openFailure(path, errForeign)
}
