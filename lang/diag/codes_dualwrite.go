package diag

// Codes of the exchange with Microsoft's dual-write: DW180 to DW199.
const (
	CodeNoDualWriteMap  = "DW180"
	CodeDamagedMap      = "DW181"
	CodeEntityGuessed   = "DW182"
	CodeFieldNotTaken   = "DW183"
	CodeFilterNotTaken  = "DW184"
	CodeKeyGuessed      = "DW185"
	CodeWayBackChosen   = "DW186"
	CodeDirectionCut    = "DW187"
	CodeOlderVersion    = "DW188"
	CodeDefaultAssumed  = "DW189"
	CodeNotInDualWrite  = "DW190"
	CodeRulesNotCarried = "DW191"
	CodeNotExported     = "DW192"
	CodeFileExists      = "DW193"
	CodeSameRecords     = "DW194"
)

// dualWriteCodes gives the codes of import and export.
func dualWriteCodes() []CodeInfo {
	return []CodeInfo{
		{CodeNoDualWriteMap, "no dual-write map", "What cannot be read is not imported."},
		{CodeDamagedMap, "damaged dual-write map", "It was read as far as possible; a part may be missing."},
		{CodeEntityGuessed, "entity whose public name is not known", "Dual-write names F&O entities by their labels, the services by their entity sets; a wrong guess is found by `dw schema pull`."},
		{CodeFieldNotTaken, "field that cannot be imported", "It stands as a comment, and the map does not carry it until someone writes it."},
		{CodeFilterNotTaken, "filter that cannot be imported", "Without it the map would carry more records, so that it is imported as stopped."},
		{CodeKeyGuessed, "integration key not known", "Dual-write keeps keys in the link and not in the map; a wrong key pairs the wrong records."},
		{CodeWayBackChosen, "value map without a single way back", "Dual-write does not say which of several F&O values a Dataverse value becomes; dw needs one."},
		{CodeDirectionCut, "direction narrowed", "Two fields would overwrite each other's value in the same place, and dw lets only the first of them do so."},
		{CodeOlderVersion, "older version of a map left out", "A map has one version at a time."},
		{CodeDefaultAssumed, "default beside a source", "Dual-write does not document when it applies; dw takes it where the sending side has nothing."},
		{CodeNotInDualWrite, "field that dual-write cannot carry", "It is missing from the exported map."},
		{CodeRulesNotCarried, "rules that dual-write does not have", "The exported map behaves as all maps of dual-write in these respects."},
		{CodeNotExported, "map that cannot be exported", "Without the part that dual-write cannot express, the map would carry other records."},
		{CodeFileExists, "file exists already", "What someone wrote there would be lost."},
		{CodeSameRecords, "several maps for the same records", "Dual-write runs one of them at a time; in dw both would write."},
	}
}
