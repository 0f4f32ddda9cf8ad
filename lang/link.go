package lang

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dualwrite/dw/lang/diag"
	"github.com/dualwrite/dw/lang/model"
	"github.com/dualwrite/dw/lang/source"
)

func (l *loader) link(b *source.Block) {
	out := &model.Link{Name: b.Name(), Range: b.Header}
	out.FnOURL = l.address(b.Block("fno"))
	out.DataverseURL = l.address(b.Block("dataverse"))
	if a := b.Attr("companies"); a != nil {
		out.Companies = l.companies(a, "link."+out.Name)
		if len(a.Value.List) == 0 {
			l.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: "the link has no company", Detail: "Nothing would be in scope.",
				Hint: `Name the companies, such as ["USMF"].`, Subject: a.Value.Range,
			})
		}
	}
	if a := b.Attr("dual_write"); a != nil {
		out.DualWrite = a.Value.Scalar.Bool()
	}
	if auth := b.Block("auth"); auth != nil {
		out.Auth = l.auth(auth)
	}
	sandbox := b.Block("sandbox")
	if sandbox != nil {
		out.Sandbox = l.sandbox(sandbox)
		l.besides(out)
	}
	if r := b.Block("receive"); r != nil {
		out.Receive = l.receive(r, sandbox != nil)
	}
	l.linkShape(b, sandbox)
	if l.links[out.Name] == nil {
		l.links[out.Name] = out
		l.cfg.Links = append(l.cfg.Links, out)
	}
}

// besides checks that the further companies of the twins are not the link's.
func (l *loader) besides(link *model.Link) {
	for _, c := range link.Sandbox.Companies {
		if slices.ContainsFunc(link.Companies, func(o model.Named) bool { return strings.EqualFold(o.Name, c.Name) }) {
			l.report(diag.Diagnostic{
				Code: diag.CodeCompanyTwice, Summary: fmt.Sprintf("the company %q is one of the link's", c.Name),
				Detail:  "The twins hold the link's companies in any case; here stand those that they hold beside them.",
				Hint:    "Remove it here.",
				Subject: c.Range, Address: "link." + link.Name,
			})
		}
	}
}

// linkShape holds a link to one of its two forms.
func (l *loader) linkShape(b, sandbox *source.Block) {
	for _, name := range []string{"fno", "dataverse", "auth"} {
		child := b.Block(name)
		switch {
		case sandbox != nil && child != nil:
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s and sandbox exclude each other", name),
				Detail:  "A link is either a pair of real environments or the local twins.",
				Hint:    "Remove one of the two blocks; two links may stand side by side.",
				Subject: child.Header, Context: b.Body,
			})
		case sandbox == nil && child == nil && !b.Written(name) && !b.Written("sandbox") && !b.Dropped(name):
			l.report(diag.Diagnostic{
				Code: diag.CodeMissingBlock, Summary: fmt.Sprintf("link %q needs the block %q", b.Name(), name),
				Detail:  "A link to real environments needs fno, dataverse and auth.",
				Hint:    "For the local twins write a sandbox block in their place.",
				Subject: b.Header, Context: b.Body,
			})
		}
	}
}

// address reads the url of a side, without a slash at the end.
func (l *loader) address(b *source.Block) string {
	a := b.Attr("url")
	if a == nil {
		return ""
	}
	return l.addressOf(a, "the url of "+b.Spec.Type, `Write the address as the browser shows it, such as "https://contoso.crm.dynamics.com".`)
}

// addressOf reads an address of the web.
func (l *loader) addressOf(a *source.Attr, what, hint string) string {
	text := a.Value.Scalar.String()
	u, err := url.Parse(text)
	problem := ""
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		problem = "It is no address of the form https://host."
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		problem = "Tokens and data must not travel in the clear: only https is possible, and http on the machine itself."
	case u.User != nil:
		problem = "Credentials do not belong into the address."
	case u.RawQuery != "" || u.Fragment != "":
		problem = "It has a query or a fragment."
	}
	if problem != "" {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: what + " cannot be used", Detail: problem, Hint: hint, Subject: a.Value.Range,
		})
		return ""
	}
	return strings.TrimRight(text, "/")
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// receive reads where events come in. What listens only on the machine itself
// cannot be reached by services elsewhere but under an address of its own.
func (l *loader) receive(b *source.Block, sandbox bool) *model.Receive {
	out := &model.Receive{Listen: b.Text("listen"), Key: model.NewSecret(b.Text("key")), Range: b.Header}
	if a := b.Attr("url"); a != nil {
		out.URL = l.addressOf(a, "the url of receive", `Write the address under which the services reach dw, such as "https://sync.contoso.com/events".`)
	}
	if a := b.Attr("key"); a != nil && out.Key.IsZero() {
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: "the key of receive is empty", Detail: "Everybody could send events.", Subject: a.Value.Range,
		})
	}
	a := b.Attr("listen")
	if a == nil {
		return out
	}
	host, ok := listenHost(out.Listen)
	switch {
	case !ok:
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q is no address to listen on", out.Listen),
			Detail: "It is a host and a port.", Hint: `Write for example "127.0.0.1:7071".`, Subject: a.Value.Range,
		})
	case b.Written("url"), !sandbox && !isLoopback(host) && host != "", sandbox && isLoopback(host):
	default:
		l.report(diag.Diagnostic{
			Code: diag.CodeMissingAttr, Summary: `the block receive needs the attribute "url"`,
			Detail:  fmt.Sprintf("The services cannot tell from %q under which address they reach dw.", out.Listen),
			Hint:    `Write url with the address as the services see it, such as that of a reverse proxy or tunnel.`,
			Subject: a.Value.Range, Context: b.Body,
		})
	}
	return out
}

// listenHost gives the host of "host:port"; "" stands for all addresses of the
// machine.
func listenHost(text string) (host string, ok bool) {
	u, err := url.Parse("//" + text)
	if err != nil || u.Host != text || u.Port() == "" {
		return "", false
	}
	if n, err := strconv.Atoi(u.Port()); err != nil || n > 65535 {
		return "", false
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsUnspecified() {
		return "", true
	}
	return u.Hostname(), true
}

func (l *loader) auth(b *source.Block) *model.Auth {
	out := &model.Auth{
		Kind: b.Name(), Authority: b.Text("authority"), TenantID: b.Text("tenant_id"), ClientID: b.Text("client_id"),
		ClientSecret: model.NewSecret(b.Text("client_secret")), CertificatePath: b.Text("certificate_path"), Range: b.Header,
	}
	if out.Authority == "" {
		out.Authority = "https://login.microsoftonline.com"
	}
	need, other := "client_secret", "certificate_path"
	if out.Kind == "certificate" {
		need, other = other, need
	}
	if !b.Written(need) {
		l.report(diag.Diagnostic{
			Code: diag.CodeMissingAttr, Summary: fmt.Sprintf("auth %q needs the attribute %q", out.Kind, need),
			Detail:  "Without it dw cannot sign in.",
			Subject: b.Header, Context: b.Body,
		})
	}
	for _, a := range b.Attrs {
		if a.Name == other {
			l.report(diag.Diagnostic{
				Code: diag.CodeConflictingKeys, Summary: fmt.Sprintf("%s does not belong to auth %q", other, out.Kind),
				Detail:  "Each kind of credential has attributes of its own.",
				Hint:    "Remove it, or choose the other kind of auth.",
				Subject: a.NameRange, Context: b.Body,
			})
		}
	}
	return out
}

func (l *loader) sandbox(b *source.Block) *model.Sandbox {
	out := &model.Sandbox{Seed: 1, Records: 20000, JobStartMillis: 30_000, Limits: "off", Auth: "client_secret", Range: b.Header}
	if a := b.Attr("seed"); a != nil {
		n, err := strconv.ParseUint(a.Value.Scalar.String(), 10, 64)
		if err != nil {
			l.report(outOfRange("seed", "a whole number from 0 to 18446744073709551615", a))
		}
		out.Seed = n
	}
	if a := b.Attr("records"); a != nil {
		out.Records = l.wholeNumber(a, 1, 10_000_000)
	}
	if a := b.Attr("customers"); a != nil {
		out.Customers = l.wholeNumber(a, 1, 10_000_000)
	}
	if a := b.Attr("dirt"); a != nil {
		out.Dirt = l.wholeNumber(a, 0, 100_000)
	}
	if a := b.Attr("companies"); a != nil {
		out.Companies = l.companies(a, "")
	}
	if a := b.Attr("latency"); a != nil {
		out.LatencyMillis = int(l.duration(a, time.Millisecond))
	}
	if a := b.Attr("latency_per_row"); a != nil {
		out.LatencyPerRowMicros = int(l.duration(a, time.Microsecond))
	}
	if a := b.Attr("latency_per_write"); a != nil {
		out.LatencyPerWriteMicros = int(l.duration(a, time.Microsecond))
	}
	if a := b.Attr("job_start"); a != nil {
		out.JobStartMillis = int(l.duration(a, time.Millisecond))
	}
	if v := b.Text("limits"); v != "" {
		out.Limits = v
	}
	if a := b.Attr("limits_window"); a != nil {
		out.LimitsWindowMillis = int(l.duration(a, time.Millisecond))
	}
	if v := b.Text("auth"); v != "" {
		out.Auth = v
	}
	if a := b.Attr("modified_times"); a != nil {
		for _, t := range a.Value.Texts() {
			out.ModifiedTimes = append(out.ModifiedTimes, t.Text)
		}
	}
	if a := b.Attr("faults"); a != nil {
		for _, t := range a.Value.Texts() {
			out.Faults = append(out.Faults, t.Text)
		}
	}
	return out
}

// wholeNumber reads an attribute within bounds; the lower bound where it is
// not within them.
func (l *loader) wholeNumber(a *source.Attr, low, high int) int {
	n, err := strconv.Atoi(a.Value.Scalar.String())
	if err != nil || n < low || n > high {
		l.report(outOfRange(a.Name, fmt.Sprintf("a whole number from %d to %d", low, high), a))
		return low
	}
	return n
}

func outOfRange(name, want string, a *source.Attr) diag.Diagnostic {
	return diag.Diagnostic{
		Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%s must be %s", name, want), Detail: a.Spec.Doc, Subject: a.Value.Range,
	}
}

// duration reads a time such as "60ms" in the given unit.
func (l *loader) duration(a *source.Attr, unit time.Duration) int64 {
	text := a.Value.Scalar.String()
	d, err := time.ParseDuration(text)
	switch {
	case err != nil || d < 0 || d > time.Hour:
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%q is no duration for %s", text, a.Name),
			Detail:  "A duration is a number with a unit (us, ms, s, m), from 0s to 1h.",
			Hint:    `Write for example "60ms".`,
			Subject: a.Value.Range,
		})
		return 0
	case d%unit != 0:
		l.report(diag.Diagnostic{
			Code: diag.CodeNotAllowed, Summary: fmt.Sprintf("%s is too fine: %s", a.Name, text),
			Detail:  fmt.Sprintf("It is kept in units of %s.", unit),
			Subject: a.Value.Range,
		})
		return 0
	}
	return int64(d / unit)
}

// companies reads a list of company codes and reports repetitions.
func (l *loader) companies(a *source.Attr, where string) []model.Named {
	var out []model.Named
	for _, t := range a.Value.Texts() {
		repeated := false
		for _, o := range out {
			repeated = repeated || strings.EqualFold(o.Name, t.Text)
		}
		switch {
		case strings.TrimSpace(t.Text) == "":
			l.report(diag.Diagnostic{
				Code: diag.CodeNotAllowed, Summary: "a company code is empty",
				Detail: "Records without company are never in scope.", Subject: t.Range,
			})
		case repeated:
			l.report(diag.Diagnostic{
				Code: diag.CodeCompanyTwice, Summary: fmt.Sprintf("the company %q is listed twice", t.Text),
				Detail:  "Company codes are equal without regard to case.",
				Hint:    "Remove it, or name the company that was meant.",
				Subject: t.Range, Context: a.Range, Address: where,
			})
		default:
			out = append(out, model.Named{Name: t.Text, Range: t.Range})
		}
	}
	return out
}
