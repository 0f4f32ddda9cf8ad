package diag

// Codes of connections and sign-in.
const (
	CodeSecretRefused        = "DW401"
	CodeApplicationUnknown   = "DW402"
	CodeCertificateUnusable  = "DW403"
	CodeCertificateExpired   = "DW404"
	CodeCertificateRefused   = "DW405"
	CodeAuthorityUnreachable = "DW406"
	CodeSignInRefused        = "DW407"
	CodeServiceUnreachable   = "DW410"
	CodeTokenRefused         = "DW411"
	CodePrivilegeMissing     = "DW412"
	CodeServiceOverloaded    = "DW413"
	CodeUnexpectedAnswer     = "DW414"
	CodeRequestRefused       = "DW415"
	CodeServerUntrusted      = "DW416"
	CodeBadAddress           = "DW417"
	CodeMapsNotReadable      = "DW418"
	CodeReceiverListen       = "DW460"
	CodeReceiverKey          = "DW461"
	CodeWebhookRefused       = "DW462"
	CodeNoPackages           = "DW470"
	CodeProjectMissing       = "DW471"
	CodePackageFailed        = "DW472"
	CodeProjectContents      = "DW473"
	CodeExportUnreadable     = "DW474"
)

func connectionCodes() []CodeInfo {
	return []CodeInfo{
		{CodeSecretRefused, "client secret refused", "Without a valid secret no token is issued and nothing can be read or written."},
		{CodeApplicationUnknown, "application or tenant unknown", "The sign-in service does not know who is asking."},
		{CodeCertificateUnusable, "certificate cannot be used", "Sign-in needs a PEM file with a certificate and its private key."},
		{CodeCertificateExpired, "certificate not valid today", "The sign-in service refuses certificates outside their dates."},
		{CodeCertificateRefused, "certificate refused", "The sign-in service accepts only certificates that are registered with the application."},
		{CodeAuthorityUnreachable, "sign-in service unreachable", "Without a token no request is possible."},
		{CodeSignInRefused, "sign-in refused", "The sign-in service knows the application but gives it no token."},
		{CodeServiceUnreachable, "service unreachable", "Nothing can be read or written until it answers."},
		{CodeTokenRefused, "token refused by the service", "The application must be known in the environment itself, not only in the tenant."},
		{CodePrivilegeMissing, "privilege missing", "What cannot be read would look as if it were not there."},
		{CodeServiceOverloaded, "service keeps refusing for load", "The endpoint's limits are used up, by dw or by others."},
		{CodeUnexpectedAnswer, "answer not understood", "What answered is not the service that was expected, or speaks another version of the protocol."},
		{CodeRequestRefused, "request refused", "The service understood the request and does not carry it out."},
		{CodeServerUntrusted, "server's certificate not trusted", "Somebody else could be answering in the service's name."},
		{CodeBadAddress, "bad address", "The address of an environment or of the sign-in service must be an absolute URL."},
		{CodeMapsNotReadable, "dual-write's own maps cannot be read", "Without them there is nothing to import from that environment."},
		{CodeReceiverListen, "event receiver cannot listen", "Without it changes are found only by the next scan or delta, which takes longer."},
		{CodeReceiverKey, "event receiver's key missing or too short", "The receiver can be reached by others than the two systems; only the key tells them apart."},
		{CodeNoPackages, "entity without packages", "A map that demands packages cannot be carried out by them."},
		{CodeProjectMissing, "data project missing", "F&O imports and exports packages only under a data project, and only people can make one."},
		{CodePackageFailed, "package not carried out", "F&O took the package and does not say which of its rows failed."},
		{CodeProjectContents, "data project with other contents", "An export carries out all that its project holds, and only that."},
		{CodeExportUnreadable, "exported file not understood", "A value that is guessed would be written to the other side as if it were F&O's."},
		{CodeWebhookRefused, "webhook not registered", "Dataverse would tell nobody about changes, so that they are found only by the next delta."},
	}
}
