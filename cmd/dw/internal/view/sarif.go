package view

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/runtime/report"
)

// The parts of a SARIF 2.1.0 log that dw writes (OASIS, "Static Analysis
// Results Interchange Format Version 2.1.0").
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool            `json:"tool"`
		Invocations []sarifInvocation    `json:"invocations"`
		BaseIDs     map[string]sarifBase `json:"originalUriBaseIds"`
		ColumnKind  string               `json:"columnKind"`
		Results     []sarifResult        `json:"results"`
		Automation  *sarifAutomation     `json:"automationDetails,omitempty"`
	}
	sarifBase struct {
		Description sarifText `json:"description"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name            string      `json:"name"`
		SemanticVersion string      `json:"semanticVersion,omitempty"`
		InformationURI  string      `json:"informationUri"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifRule struct {
		ID         string          `json:"id"`
		Short      sarifText       `json:"shortDescription"`
		Full       sarifText       `json:"fullDescription"`
		Help       sarifText       `json:"help"`
		HelpURI    string          `json:"helpUri"`
		Default    sarifDefault    `json:"defaultConfiguration"`
		Properties sarifProperties `json:"properties"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifProperties struct {
		Tags []string `json:"tags"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations,omitempty"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Fixes        []sarifFix         `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI    string `json:"uri"`
		BaseID string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
		EndLine     int `json:"endLine"`
		EndColumn   int `json:"endColumn"`
	}
	sarifSuppression struct {
		Kind          string         `json:"kind"`
		Justification string         `json:"justification"`
		Location      *sarifLocation `json:"location,omitempty"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion   `json:"deletedRegion"`
		Inserted *sarifContent `json:"insertedContent,omitempty"`
	}
	sarifContent struct {
		Text string `json:"text"`
	}
)

// sourceRoot is the name of the repository's root in a SARIF log.
const sourceRoot = "%SRCROOT%"

// SARIF writes findings, silenced ones too, as a SARIF 2.1.0 log. Prefix is the
// way from the root of the repository to the folder.
func SARIF(w io.Writer, l report.Lint, sources map[string][]byte, prefix, version string) error {
	s := sarifWriter{l: l, sources: sources, prefix: prefix, seen: map[string]int{}}
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{
			Name: "dw", SemanticVersion: version, InformationURI: "https://github.com/dualwrite/dw", Rules: []sarifRule{},
		}},
		Invocations: []sarifInvocation{{Successful: true}},
		BaseIDs:     map[string]sarifBase{sourceRoot: {Description: sarifText{Text: "The root of the repository."}}},
		ColumnKind:  "unicodeCodePoints",
		Results:     []sarifResult{},
		Automation:  &sarifAutomation{ID: path.Join("dw-lint", prefix) + "/"},
	}
	for _, r := range l.Rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(r))
	}
	for _, f := range l.Findings {
		run.Results = append(run.Results, s.result(f))
	}
	for _, f := range l.Silenced {
		r := s.result(f)
		r.Suppressions = []sarifSuppression{{Kind: "inSource", Justification: f.Reason, Location: s.location(f.Note, "")}}
		run.Results = append(run.Results, r)
	}
	return JSON(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func sarifRuleOf(r report.LintRule) sarifRule {
	help := r.Why
	markdown := r.Why
	if r.Mend != "" {
		help += "\n\nHow to mend it: " + strings.ReplaceAll(r.Mend, "`", "")
		markdown += "\n\n**How to mend it:** " + r.Mend
	}
	return sarifRule{
		ID: r.Code, Short: sarifText{Text: r.Title}, Full: sarifText{Text: strings.ToUpper(r.Title[:min(len(r.Title), 1)]) + r.Title[min(len(r.Title), 1):] + ". " + r.Why},
		Help: sarifText{Text: help, Markdown: markdown}, HelpURI: r.Page,
		Default: sarifDefault{Level: sarifLevel(r.Severity)}, Properties: sarifProperties{Tags: []string{"dual-write", r.Group}},
	}
}

func sarifLevel(s diag.Severity) string {
	if s == diag.Notice {
		return "note"
	}
	return s.String()
}

type sarifWriter struct {
	l       report.Lint
	sources map[string][]byte
	prefix  string
	seen    map[string]int // fingerprints so far
}

func (s *sarifWriter) result(f report.Finding) sarifResult {
	fingerprints := s.fingerprints(f)
	f.Diagnostic = briefed(f.Diagnostic)
	text := f.Summary
	if m := message(f); m != f.Summary {
		text += ".\n" + m
	}
	r := sarifResult{
		RuleID: f.Code, RuleIndex: slices.IndexFunc(s.l.Rules, func(r report.LintRule) bool { return r.Code == f.Code }),
		Level: sarifLevel(f.Severity), Message: sarifText{Text: text}, Fingerprints: fingerprints,
	}
	if at := s.location(f.Subject, f.Address); at != nil {
		r.Locations = []sarifLocation{*at}
	}
	if f.Fix != nil {
		x := sarifReplacement{Deleted: s.region(f.Fix.Range)}
		if f.Fix.NewText != "" {
			x.Inserted = &sarifContent{Text: f.Fix.NewText}
		}
		r.Fixes = []sarifFix{{
			Description: sarifText{Text: f.Fix.Summary},
			Changes:     []sarifChange{{Artifact: s.artifact(f.Fix.Range.File), Replacements: []sarifReplacement{x}}},
		}}
	}
	return r
}

// location gives a place in a file, and what it belongs to; nil where neither
// is known.
func (s *sarifWriter) location(at diag.Range, address string) *sarifLocation {
	var out sarifLocation
	if !at.IsZero() {
		out.Physical = &sarifPhysical{Artifact: s.artifact(at.File), Region: s.region(at)}
	}
	if address != "" {
		out.Logical = []sarifLogical{{Name: address}}
	}
	if out.Physical == nil && out.Logical == nil {
		return nil
	}
	return &out
}

func (s *sarifWriter) artifact(file string) sarifArtifact {
	return sarifArtifact{URI: (&url.URL{Path: path.Join(s.prefix, file)}).EscapedPath(), BaseID: sourceRoot}
}

func (s *sarifWriter) region(at diag.Range) sarifRegion {
	start, end := codePoints(at, s.sources[at.File])
	return sarifRegion{StartLine: max(at.Start.Line, 1), StartColumn: start, EndLine: max(at.End.Line, at.Start.Line, 1), EndColumn: end}
}

// codePoints gives the columns of a range in code points, from 1; the columns
// of the language count what people see as one character.
func codePoints(at diag.Range, src []byte) (start, end int) {
	column := func(p diag.Pos) int {
		if p.Byte < 0 || p.Byte > len(src) {
			return max(p.Column, 1)
		}
		line := bytes.LastIndexByte(src[:p.Byte], '\n') + 1
		return utf8.RuneCount(src[line:p.Byte]) + 1
	}
	start, end = column(at.Start), column(at.End)
	if at.End.Line <= at.Start.Line {
		end = max(end, start)
	}
	return start, end
}

// fingerprints name a finding so that it is known again after lines have moved:
// by its code, the map, what stands at the place and what is said. Where
// several are alike, they are numbered from above.
func (s *sarifWriter) fingerprints(f report.Finding) map[string]string {
	h := sha256.New()
	for _, part := range []string{f.Code, f.Address, s.text(f.Subject), f.Summary} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	name := hex.EncodeToString(h.Sum(nil))[:32]
	s.seen[name]++
	name = fmt.Sprintf("%s:%d", name, s.seen[name])
	// The second name is the one that GitHub compares.
	return map[string]string{"dwFinding/v1": name, "primaryLocationLineHash": name}
}

// text gives what stands at a place: its first line, without the blanks
// around it.
func (s *sarifWriter) text(at diag.Range) string {
	src := s.sources[at.File]
	if at.Start.Byte < 0 || at.End.Byte > len(src) || at.Start.Byte > at.End.Byte {
		return ""
	}
	text, _, _ := strings.Cut(string(src[at.Start.Byte:at.End.Byte]), "\n")
	return strings.TrimSpace(text)
}
