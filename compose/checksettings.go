package compose

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
)

func (d *decoder) check(p path, value any) checkSettings {
	m := d.mapping(p, value, "protocol", "expect", "within", "tls", "mssp", "variables", "nudge", "path")
	if m["mssp"] == false { // YAML 1.1 reads a bare off as false
		m = maps.Clone(m)
		m["mssp"] = string(MSSPOff)
	}
	c := checkSettings{
		Protocol:  Protocol(d.oneOf(p, m, "protocol", string(Telnet), string(TCP), string(HTTP))),
		Expect:    d.pattern(p, m, "expect"),
		Within:    d.duration(p, m, "within"),
		TLS:       d.tls(p.key("tls"), m["tls"]),
		MSSP:      MSSP(d.oneOf(p, m, "mssp", string(MSSPAuto), string(MSSPOff), string(MSSPRequired), string(MSSPAsk), string(MSSPPlain))),
		Variables: d.texts(p, m, "variables"),
		Nudge:     d.boolean(p, m, "nudge"),
		Path:      d.text(p, m, "path"),
	}
	d.checkRules(p, c)
	return c
}

// texts reads a list of strings.
func (d *decoder) texts(p path, m map[string]any, key string) []string {
	value, there := m[key]
	if !there {
		return nil
	}
	items, ok := value.([]any)
	if !ok {
		d.fault(p.key(key), "", "want a list, have %s", describe(value))
	}
	var texts []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok || s == "" {
			d.fault(p.key(key), "", "want a list of texts, have %s in it", describe(item))
			continue
		}
		texts = append(texts, s)
	}
	return texts
}

// tls reads true, false, or a mapping that says whom to trust.
func (d *decoder) tls(p path, value any) *TLS {
	switch v := value.(type) {
	case nil:
		return nil
	case bool:
		if v {
			return &TLS{Verify: "local"}
		}
		return nil
	case map[string]any:
	default:
		d.fault(p, "write true or false, or a mapping", "want true, false or a mapping, have %s", describe(value))
		return nil
	}
	m := d.mapping(p, value, "verify", "ca", "pin", "server_name")
	t := &TLS{
		Verify:     cmp.Or(d.oneOf(p, m, "verify", "local", "system", "none"), "local"),
		Pin:        d.text(p, m, "pin"),
		ServerName: d.text(p, m, "server_name"),
	}
	if name := d.text(p, m, "ca"); name != "" {
		t.CA = d.file(p.key("ca"), name)
	}
	return t
}

// file reads a file that x-devenv names.
func (d *decoder) file(p path, name string) string {
	if !filepath.IsAbs(name) {
		name = filepath.Join(d.dir, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		d.fault(p, "paths start at the project directory", "%v", err)
	}
	return string(text)
}
