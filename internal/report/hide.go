package report

import "reflect"

// Hide passes every text of a smoke run through hide, so that no form of it shows
// a secret. What is one of a few words, such as a result, is no text: a password may
// be called "failed".
func (s *Smoke) Hide(hide func(string) string) { hideIn(reflect.ValueOf(s).Elem(), hide) }

func hideIn(v reflect.Value, hide func(string) string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() && v.Type() == reflect.TypeFor[string]() {
			v.SetString(hide(v.String()))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			hideIn(v.Elem(), hide)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				hideIn(v.Field(i), hide)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			hideIn(v.Index(i), hide)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			hideIn(value, hide)
			v.SetMapIndex(key, value)
		}
	}
}
