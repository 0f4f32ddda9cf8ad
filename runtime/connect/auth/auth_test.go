package auth

import "testing"

func TestAudience(t *testing.T) {
	for environment, want := range map[string]string{
		"https://contoso.crm4.dynamics.com":            "https://contoso.crm4.dynamics.com",
		"https://contoso.crm4.dynamics.com/":           "https://contoso.crm4.dynamics.com",
		"https://contoso.api.crm4.dynamics.com/":       "https://contoso.crm4.dynamics.com",
		"https://contoso.api.crm.microsoftdynamics.us": "https://contoso.crm.microsoftdynamics.us",
		"https://contoso.operations.dynamics.com":      "https://contoso.operations.dynamics.com",
		"https://a.api.operations.dynamics.com":        "https://a.api.operations.dynamics.com",
		"https://other.example/x.api.crm.dynamics.com": "https://other.example/x.api.crm.dynamics.com",
		"http://127.0.0.1:8080":                        "http://127.0.0.1:8080",
	} {
		if got := audience(environment); got != want {
			t.Errorf("%s: %s, want %s", environment, got, want)
		}
	}
}
