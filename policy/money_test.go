package policy_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/amends-go/amends/policy"
)

func TestMoneyIs16Bytes(t *testing.T) {
	assert.EqualValues(t, 16, unsafe.Sizeof(policy.Money{}))
}

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		amount   string
		currency policy.Currency
		minor    int64
		text     string
	}{
		{"49.99", policy.EUR, 4999, "49.99 EUR"},
		{"49.9", policy.EUR, 4990, "49.90 EUR"},
		{"49", policy.EUR, 4900, "49.00 EUR"},
		{"1.15", policy.EUR, 115, "1.15 EUR"},
		{"0", policy.EUR, 0, "0.00 EUR"},
		{"-0.05", policy.EUR, -5, "-0.05 EUR"},
		{"-0", policy.EUR, 0, "0.00 EUR"},
		{"1500", policy.JPY, 1500, "1500 JPY"},
		{"1.234", policy.KWD, 1234, "1.234 KWD"},
		{"0.0001", policy.CLF, 1, "0.0001 CLF"},
		{"92233720368547758.07", policy.EUR, math.MaxInt64, "92233720368547758.07 EUR"},
		{"-92233720368547758.08", policy.EUR, math.MinInt64, "-92233720368547758.08 EUR"},
	} {
		got, err := policy.ParseMoney(c.amount, c.currency.String())
		require.NoError(t, err, c.amount)
		assert.Equal(t, policy.Money{Minor: c.minor, Currency: c.currency}, got, c.amount)
		assert.Equal(t, c.text, got.String())
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	for _, c := range []struct{ amount, currency, why string }{
		{"49.990", "EUR", "EUR has at most 2 digits after the point"},
		{"1.5", "JPY", "JPY has at most 0 digits"},
		{"0.00001", "UYW", "UYW has at most 4 digits"},
		{"92233720368547758.08", "EUR", "out of range"},
		{"-92233720368547758.09", "EUR", "out of range"},
		{"99999999999999999999999", "JPY", "out of range"},
		{"007", "EUR", "zero too many"},
		{"49.99", "EURO", `unknown currency "EURO" (did you mean "EUR"?)`},
		{"49.99", "eur", `(did you mean "EUR"?)`},
		{"49.99", "XAU", "unknown currency"},
		{"49.99", "", "unknown currency"},
	} {
		_, err := policy.ParseMoney(c.amount, c.currency)
		assert.ErrorContains(t, err, c.why, c.amount)
	}
	for _, amount := range []string{"", " 1", "1 ", "+1", "1.", ".5", "1.2.3", "1,5", "1e3", "0x10", "--1", "-", "NaN", "Inf", "1_000", "١"} {
		_, err := policy.ParseMoney(amount, "EUR")
		assert.ErrorContains(t, err, "want digits", amount)
	}
}

func TestEveryCurrencyRoundTrips(t *testing.T) {
	digits := map[string]int{"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4}
	for code := range strings.FieldsSeq("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF") {
		digits[code] = 0
	}
	for code := range strings.FieldsSeq(`AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
		CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
		HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP
		MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
		SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF
		XCD XCG XOF XPF YER ZAR ZMW ZWG ANG BGN`) {
		c, err := policy.ParseCurrency(code)
		require.NoError(t, err)
		assert.Equal(t, code, c.String())
		n, ok := c.Digits()
		require.True(t, ok)
		want, other := digits[code]
		if !other {
			want = 2
		}
		assert.Equal(t, want, n, code)
		m := policy.Money{Minor: -1234567, Currency: c}
		var back policy.Money
		b, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, &back))
		assert.Equal(t, m, back)
	}
}

func TestMoneyJSON(t *testing.T) {
	b, err := json.Marshal(struct {
		A policy.Money `json:"a"`
		B policy.Money `json:"b"`
		C policy.Money `json:"c,omitzero"`
	}{A: eur(1099)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":{"amount":"10.99","currency":"EUR"},"b":null}`, string(b))

	m := eur(5)
	require.NoError(t, json.Unmarshal([]byte("null"), &m))
	assert.True(t, m.IsZero())
	require.NoError(t, json.Unmarshal([]byte(` { "currency" : "EUR" , "amount" : "10.99" } `), &m))
	assert.Equal(t, eur(1099), m)

	_, err = json.Marshal(policy.Money{Minor: 1})
	assert.ErrorContains(t, err, "unknown currency")
}

func TestMoneyJSONRefuses(t *testing.T) {
	for _, doc := range []string{
		`10.99`, `"10.99"`, `[]`, `{}`, `{"amount":10.99,"currency":"EUR"}`, `{"amount":"10.99"}`, `{"currency":"EUR"}`,
		`{"amount":"10.99","currency":"EUR","x":"1"}`, `{"amount":"10.99","amount":"1","currency":"EUR"}`,
		`{"Amount":"10.99","currency":"EUR"}`, `{"amount":"10.999","currency":"EUR"}`, `{"amount":null,"currency":"EUR"}`,
		`{"amount":{},"currency":"EUR"}`, `{"amount":"10.99","currency":"EUR"} x`, `{"amount":"10.99","currency":"EUR"`, ``,
	} {
		m := eur(7)
		assert.Error(t, m.UnmarshalJSON([]byte(doc)), doc)
		assert.Equal(t, eur(7), m, "a refused document changes nothing")
	}
}

func TestMoneySums(t *testing.T) {
	usd := policy.Money{Minor: 1, Currency: policy.USD}
	_, err := eur(1).Add(usd)
	assert.ErrorIs(t, err, policy.ErrCurrency)
	_, err = eur(1).Sub(usd)
	assert.ErrorIs(t, err, policy.ErrCurrency)
	_, err = eur(0).Compare(usd)
	assert.ErrorIs(t, err, policy.ErrCurrency, "an amount of zero has a currency")
	_, err = eur(math.MaxInt64).Add(eur(1))
	assert.ErrorIs(t, err, policy.ErrOverflow)
	_, err = eur(math.MinInt64).Sub(eur(1))
	assert.ErrorIs(t, err, policy.ErrOverflow)
	_, err = policy.Money{}.Sub(eur(math.MinInt64))
	assert.ErrorIs(t, err, policy.ErrOverflow)

	sum, err := policy.Money{}.Add(eur(5))
	require.NoError(t, err)
	assert.Equal(t, eur(5), sum)
	rest, err := policy.Money{}.Sub(eur(5))
	require.NoError(t, err)
	assert.Equal(t, eur(-5), rest)
	order, err := policy.Money{}.Compare(eur(5))
	require.NoError(t, err)
	assert.Equal(t, -1, order)
	assert.Equal(t, "no amount", policy.Money{}.String())
	assert.Equal(t, "3 Currency(0x1)", policy.Money{Minor: 3, Currency: 1}.String())
}

func FuzzMoneySums(f *testing.F) {
	f.Add(int64(math.MaxInt64), int64(1))
	f.Add(int64(math.MinInt64), int64(-1))
	f.Add(int64(math.MinInt64), int64(math.MinInt64))
	f.Add(int64(0), int64(math.MinInt64))
	f.Add(int64(5), int64(0))
	f.Fuzz(func(t *testing.T, a, b int64) {
		check := func(got policy.Money, err error, want *big.Int) {
			t.Helper()
			if !want.IsInt64() {
				require.ErrorIs(t, err, policy.ErrOverflow)
				return
			}
			require.NoError(t, err)
			require.Equal(t, eur(want.Int64()), got)
		}
		x, y := big.NewInt(a), big.NewInt(b)
		sum, err := eur(a).Add(eur(b))
		check(sum, err, new(big.Int).Add(x, y))
		rest, err := eur(a).Sub(eur(b))
		check(rest, err, new(big.Int).Sub(x, y))
		order, err := eur(a).Compare(eur(b))
		require.NoError(t, err)
		require.Equal(t, x.Cmp(y), order)
	})
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"49.99", "-0.5", "007", "1e3", "92233720368547758.07", "92233720368547758.08", "1.", "٣"} {
		f.Add(s, "EUR")
		f.Add(s, "JPY")
		f.Add(s, "KWD")
	}
	f.Fuzz(func(t *testing.T, amount, currency string) {
		m, err := policy.ParseMoney(amount, currency)
		if err != nil {
			require.Equal(t, policy.Money{}, m)
			return
		}
		digits, _ := m.Currency.Digits()
		want, ok := new(big.Rat).SetString(amount)
		require.True(t, ok, "%q was taken", amount)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
		want.Mul(want, new(big.Rat).SetInt(scale))
		require.True(t, want.IsInt())
		require.Equal(t, want.Num().String(), big.NewInt(m.Minor).String())
		again, err := policy.ParseMoney(m.Amount(), m.Currency.String())
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}
