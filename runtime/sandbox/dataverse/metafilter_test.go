package dataverse

import (
	"slices"
	"strings"
	"testing"
)

// TestMetadataFilters filters each kind of metadata, as DynamicsWebApi does
// with "retrieveAttributes" and others.
func TestMetadataFilters(t *testing.T) {
	b := newBench(t)
	const account = "EntityDefinitions(LogicalName='account')/"
	for _, c := range []struct{ path, name, want string }{
		{"EntityDefinitions?$filter=CanChangeTrackingBeEnabled/Value eq true and ChangeTrackingEnabled eq false and (EntitySetName eq 'uomschedules' or LogicalName eq 'account')", "LogicalName", "uomschedule"},
		{account + "Attributes?$filter=LogicalName eq 'name' or LogicalName eq 'rate'", "LogicalName", "name rate"},
		{account + "Attributes?$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'", "LogicalName", "industrycode"},
		{account + "Attributes?$filter=AttributeTypeName/Value eq 'MultiSelectPicklistType'", "LogicalName", "tags"},
		{account + "Attributes?$filter=RequiredLevel/Value eq Microsoft.Dynamics.CRM.AttributeRequiredLevel'ApplicationRequired' and IsValidForUpdate eq true", "LogicalName", "name"},
		{account + "Attributes/Microsoft.Dynamics.CRM.StringAttributeMetadata?$filter=IsPrimaryName eq false&$select=LogicalName,MaxLength", "LogicalName", "accountnumber emailaddress1"},
		{account + "Keys?$filter=EntityKeyIndexStatus eq Microsoft.Dynamics.CRM.EntityKeyIndexStatus'Active'", "LogicalName", "accountkey"},
		{account + "ManyToOneRelationships?$select=ReferencedEntity,ReferencingEntityNavigationPropertyName&$filter=ReferencingAttribute eq 'msdyn_company'", "ReferencingEntityNavigationPropertyName", "msdyn_Company"},
		{account + "OneToManyRelationships?$select=ReferencingAttribute", "ReferencingAttribute", "parentcustomerid"},
		{"RelationshipDefinitions/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata?$filter=ReferencedEntity eq 'contact'", "ReferencingEntity", "account contact"},
		{"RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", "SchemaName", ""},
		{"GlobalOptionSetDefinitions", "Name", ""},
	} {
		var got []string
		for _, v := range b.do("GET", c.path, "").want(t, 200).values(t) {
			got = append(got, v[c.name].(string))
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.path, got, c.want)
		}
	}

	// An expanded list takes a filter of its own.
	o := b.do("GET", "EntityDefinitions(LogicalName='account')?$select=LogicalName&$expand=Attributes($select=LogicalName;$filter=LogicalName eq 'rate')", "").want(t, 200).object(t)
	if attributes := o["Attributes"].([]any); len(attributes) != 1 || attributes[0].(map[string]any)["LogicalName"] != "rate" {
		t.Errorf("%v", attributes)
	}

	for path, part := range map[string]string{
		account + "Attributes?$filter=MaxLength eq 5":                                          "MaxLength",
		account + "Attributes?$filter=DisplayName/UserLocalizedLabel/Label eq 'x'":             "DisplayName",
		account + "Attributes?$filter=AttributeType eq 'Picklist'":                             "incompatible types",
		account + "Keys?$filter=":                                                              "",
		"RelationshipDefinitions?$select=Nonsense":                                             "Nonsense",
		"RelationshipDefinitions?$expand=x":                                                    "expand",
		"EntityDefinitions(LogicalName='account')?$expand=Attributes($filter=Nonsense eq 1)":   "Nonsense",
		account + "Attributes?$filter=AttributeType eq Microsoft.Dynamics.CRM.Nonsense'Money'": "0x80060888",
	} {
		status := 400
		if part == "" { // an empty filter is none
			status = 200
		}
		b.do("GET", path, "").want(t, status, part)
	}
}

// TestMetadataByID addresses definitions by their ids.
func TestMetadataByID(t *testing.T) {
	b := newBench(t)
	account := b.do("GET", "EntityDefinitions(LogicalName='account')?$select=LogicalName", "").object(t)["MetadataId"].(string)
	name := b.do("GET", "EntityDefinitions("+account+")/Attributes(LogicalName='name')", "").want(t, 200).object(t)["MetadataId"].(string)
	b.do("GET", "EntityDefinitions("+account+")/Attributes("+strings.ToUpper(name)+")", "").want(t, 200, `"LogicalName":"name"`)
	b.do("GET", "EntityDefinitions(MetadataId="+account+")/Attributes(MetadataId="+name+")", "").want(t, 200, `"LogicalName":"name"`)
	b.do("GET", "EntityDefinitions("+account+")/Attributes("+account+")", "").want(t, 404)

	const company = "account_cdm_company_msdyn_company"
	id := b.do("GET", "RelationshipDefinitions(SchemaName='"+company+"')", "").want(t, 200, `"ReferencedEntity":"cdm_company"`).object(t)["MetadataId"].(string)
	b.do("GET", "RelationshipDefinitions("+id+")/Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata?$select=SchemaName", "").want(t, 200, company)
	b.do("GET", "RelationshipDefinitions("+id+")?$filter=SchemaName eq 'x'", "").want(t, 404)
	b.do("GET", "RelationshipDefinitions("+id+")/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", "").want(t, 404)
	b.do("GET", "RelationshipDefinitions("+id+")/Nonsense", "").want(t, 404)
	b.do("GET", "GlobalOptionSetDefinitions(Name='x')", "").want(t, 404)
}
