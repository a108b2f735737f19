package policy

// The currencies of ISO 4217 (amendment 180) that have a minor unit, and the names of what they are.
const (
	AED Currency = 'A'<<16 | 'E'<<8 | 'D' // UAE dirham
	AFN Currency = 'A'<<16 | 'F'<<8 | 'N' // afghani
	ALL Currency = 'A'<<16 | 'L'<<8 | 'L' // lek
	AMD Currency = 'A'<<16 | 'M'<<8 | 'D' // Armenian dram
	ANG Currency = 'A'<<16 | 'N'<<8 | 'G' // Netherlands Antillean guilder, withdrawn in 2025
	AOA Currency = 'A'<<16 | 'O'<<8 | 'A' // kwanza
	ARS Currency = 'A'<<16 | 'R'<<8 | 'S' // Argentine peso
	AUD Currency = 'A'<<16 | 'U'<<8 | 'D' // Australian dollar
	AWG Currency = 'A'<<16 | 'W'<<8 | 'G' // Aruban florin
	AZN Currency = 'A'<<16 | 'Z'<<8 | 'N' // Azerbaijan manat
	BAM Currency = 'B'<<16 | 'A'<<8 | 'M' // convertible mark
	BBD Currency = 'B'<<16 | 'B'<<8 | 'D' // Barbados dollar
	BDT Currency = 'B'<<16 | 'D'<<8 | 'T' // taka
	BGN Currency = 'B'<<16 | 'G'<<8 | 'N' // Bulgarian lev, withdrawn in 2026
	BHD Currency = 'B'<<16 | 'H'<<8 | 'D' // Bahraini dinar
	BIF Currency = 'B'<<16 | 'I'<<8 | 'F' // Burundi franc
	BMD Currency = 'B'<<16 | 'M'<<8 | 'D' // Bermudian dollar
	BND Currency = 'B'<<16 | 'N'<<8 | 'D' // Brunei dollar
	BOB Currency = 'B'<<16 | 'O'<<8 | 'B' // boliviano
	BOV Currency = 'B'<<16 | 'O'<<8 | 'V' // mvdol
	BRL Currency = 'B'<<16 | 'R'<<8 | 'L' // Brazilian real
	BSD Currency = 'B'<<16 | 'S'<<8 | 'D' // Bahamian dollar
	BTN Currency = 'B'<<16 | 'T'<<8 | 'N' // ngultrum
	BWP Currency = 'B'<<16 | 'W'<<8 | 'P' // pula
	BYN Currency = 'B'<<16 | 'Y'<<8 | 'N' // Belarusian ruble
	BZD Currency = 'B'<<16 | 'Z'<<8 | 'D' // Belize dollar
	CAD Currency = 'C'<<16 | 'A'<<8 | 'D' // Canadian dollar
	CDF Currency = 'C'<<16 | 'D'<<8 | 'F' // Congolese franc
	CHE Currency = 'C'<<16 | 'H'<<8 | 'E' // WIR euro
	CHF Currency = 'C'<<16 | 'H'<<8 | 'F' // Swiss franc
	CHW Currency = 'C'<<16 | 'H'<<8 | 'W' // WIR franc
	CLF Currency = 'C'<<16 | 'L'<<8 | 'F' // unidad de fomento
	CLP Currency = 'C'<<16 | 'L'<<8 | 'P' // Chilean peso
	CNY Currency = 'C'<<16 | 'N'<<8 | 'Y' // yuan renminbi
	COP Currency = 'C'<<16 | 'O'<<8 | 'P' // Colombian peso
	COU Currency = 'C'<<16 | 'O'<<8 | 'U' // unidad de valor real
	CRC Currency = 'C'<<16 | 'R'<<8 | 'C' // Costa Rican colón
	CUP Currency = 'C'<<16 | 'U'<<8 | 'P' // Cuban peso
	CVE Currency = 'C'<<16 | 'V'<<8 | 'E' // Cabo Verde escudo
	CZK Currency = 'C'<<16 | 'Z'<<8 | 'K' // Czech koruna
	DJF Currency = 'D'<<16 | 'J'<<8 | 'F' // Djibouti franc
	DKK Currency = 'D'<<16 | 'K'<<8 | 'K' // Danish krone
	DOP Currency = 'D'<<16 | 'O'<<8 | 'P' // Dominican peso
	DZD Currency = 'D'<<16 | 'Z'<<8 | 'D' // Algerian dinar
	EGP Currency = 'E'<<16 | 'G'<<8 | 'P' // Egyptian pound
	ERN Currency = 'E'<<16 | 'R'<<8 | 'N' // nakfa
	ETB Currency = 'E'<<16 | 'T'<<8 | 'B' // Ethiopian birr
	EUR Currency = 'E'<<16 | 'U'<<8 | 'R' // euro
	FJD Currency = 'F'<<16 | 'J'<<8 | 'D' // Fiji dollar
	FKP Currency = 'F'<<16 | 'K'<<8 | 'P' // Falkland Islands pound
	GBP Currency = 'G'<<16 | 'B'<<8 | 'P' // pound sterling
	GEL Currency = 'G'<<16 | 'E'<<8 | 'L' // lari
	GHS Currency = 'G'<<16 | 'H'<<8 | 'S' // Ghana cedi
	GIP Currency = 'G'<<16 | 'I'<<8 | 'P' // Gibraltar pound
	GMD Currency = 'G'<<16 | 'M'<<8 | 'D' // dalasi
	GNF Currency = 'G'<<16 | 'N'<<8 | 'F' // Guinean franc
	GTQ Currency = 'G'<<16 | 'T'<<8 | 'Q' // quetzal
	GYD Currency = 'G'<<16 | 'Y'<<8 | 'D' // Guyana dollar
	HKD Currency = 'H'<<16 | 'K'<<8 | 'D' // Hong Kong dollar
	HNL Currency = 'H'<<16 | 'N'<<8 | 'L' // lempira
	HTG Currency = 'H'<<16 | 'T'<<8 | 'G' // gourde
	HUF Currency = 'H'<<16 | 'U'<<8 | 'F' // forint
	IDR Currency = 'I'<<16 | 'D'<<8 | 'R' // rupiah
	ILS Currency = 'I'<<16 | 'L'<<8 | 'S' // new Israeli sheqel
	INR Currency = 'I'<<16 | 'N'<<8 | 'R' // Indian rupee
	IQD Currency = 'I'<<16 | 'Q'<<8 | 'D' // Iraqi dinar
	IRR Currency = 'I'<<16 | 'R'<<8 | 'R' // Iranian rial
	ISK Currency = 'I'<<16 | 'S'<<8 | 'K' // Iceland króna
	JMD Currency = 'J'<<16 | 'M'<<8 | 'D' // Jamaican dollar
	JOD Currency = 'J'<<16 | 'O'<<8 | 'D' // Jordanian dinar
	JPY Currency = 'J'<<16 | 'P'<<8 | 'Y' // yen
	KES Currency = 'K'<<16 | 'E'<<8 | 'S' // Kenyan shilling
	KGS Currency = 'K'<<16 | 'G'<<8 | 'S' // som
	KHR Currency = 'K'<<16 | 'H'<<8 | 'R' // riel
	KMF Currency = 'K'<<16 | 'M'<<8 | 'F' // Comorian franc
	KPW Currency = 'K'<<16 | 'P'<<8 | 'W' // North Korean won
	KRW Currency = 'K'<<16 | 'R'<<8 | 'W' // won
	KWD Currency = 'K'<<16 | 'W'<<8 | 'D' // Kuwaiti dinar
	KYD Currency = 'K'<<16 | 'Y'<<8 | 'D' // Cayman Islands dollar
	KZT Currency = 'K'<<16 | 'Z'<<8 | 'T' // tenge
	LAK Currency = 'L'<<16 | 'A'<<8 | 'K' // Lao kip
	LBP Currency = 'L'<<16 | 'B'<<8 | 'P' // Lebanese pound
	LKR Currency = 'L'<<16 | 'K'<<8 | 'R' // Sri Lanka rupee
	LRD Currency = 'L'<<16 | 'R'<<8 | 'D' // Liberian dollar
	LSL Currency = 'L'<<16 | 'S'<<8 | 'L' // loti
	LYD Currency = 'L'<<16 | 'Y'<<8 | 'D' // Libyan dinar
	MAD Currency = 'M'<<16 | 'A'<<8 | 'D' // Moroccan dirham
	MDL Currency = 'M'<<16 | 'D'<<8 | 'L' // Moldovan leu
	MGA Currency = 'M'<<16 | 'G'<<8 | 'A' // Malagasy ariary
	MKD Currency = 'M'<<16 | 'K'<<8 | 'D' // denar
	MMK Currency = 'M'<<16 | 'M'<<8 | 'K' // kyat
	MNT Currency = 'M'<<16 | 'N'<<8 | 'T' // tugrik
	MOP Currency = 'M'<<16 | 'O'<<8 | 'P' // pataca
	MRU Currency = 'M'<<16 | 'R'<<8 | 'U' // ouguiya
	MUR Currency = 'M'<<16 | 'U'<<8 | 'R' // Mauritius rupee
	MVR Currency = 'M'<<16 | 'V'<<8 | 'R' // rufiyaa
	MWK Currency = 'M'<<16 | 'W'<<8 | 'K' // Malawi kwacha
	MXN Currency = 'M'<<16 | 'X'<<8 | 'N' // Mexican peso
	MXV Currency = 'M'<<16 | 'X'<<8 | 'V' // Mexican unidad de inversión
	MYR Currency = 'M'<<16 | 'Y'<<8 | 'R' // Malaysian ringgit
	MZN Currency = 'M'<<16 | 'Z'<<8 | 'N' // Mozambique metical
	NAD Currency = 'N'<<16 | 'A'<<8 | 'D' // Namibia dollar
	NGN Currency = 'N'<<16 | 'G'<<8 | 'N' // naira
	NIO Currency = 'N'<<16 | 'I'<<8 | 'O' // córdoba oro
	NOK Currency = 'N'<<16 | 'O'<<8 | 'K' // Norwegian krone
	NPR Currency = 'N'<<16 | 'P'<<8 | 'R' // Nepalese rupee
	NZD Currency = 'N'<<16 | 'Z'<<8 | 'D' // New Zealand dollar
	OMR Currency = 'O'<<16 | 'M'<<8 | 'R' // rial Omani
	PAB Currency = 'P'<<16 | 'A'<<8 | 'B' // balboa
	PEN Currency = 'P'<<16 | 'E'<<8 | 'N' // sol
	PGK Currency = 'P'<<16 | 'G'<<8 | 'K' // kina
	PHP Currency = 'P'<<16 | 'H'<<8 | 'P' // Philippine peso
	PKR Currency = 'P'<<16 | 'K'<<8 | 'R' // Pakistan rupee
	PLN Currency = 'P'<<16 | 'L'<<8 | 'N' // zloty
	PYG Currency = 'P'<<16 | 'Y'<<8 | 'G' // guaraní
	QAR Currency = 'Q'<<16 | 'A'<<8 | 'R' // Qatari rial
	RON Currency = 'R'<<16 | 'O'<<8 | 'N' // Romanian leu
	RSD Currency = 'R'<<16 | 'S'<<8 | 'D' // Serbian dinar
	RUB Currency = 'R'<<16 | 'U'<<8 | 'B' // Russian ruble
	RWF Currency = 'R'<<16 | 'W'<<8 | 'F' // Rwanda franc
	SAR Currency = 'S'<<16 | 'A'<<8 | 'R' // Saudi riyal
	SBD Currency = 'S'<<16 | 'B'<<8 | 'D' // Solomon Islands dollar
	SCR Currency = 'S'<<16 | 'C'<<8 | 'R' // Seychelles rupee
	SDG Currency = 'S'<<16 | 'D'<<8 | 'G' // Sudanese pound
	SEK Currency = 'S'<<16 | 'E'<<8 | 'K' // Swedish krona
	SGD Currency = 'S'<<16 | 'G'<<8 | 'D' // Singapore dollar
	SHP Currency = 'S'<<16 | 'H'<<8 | 'P' // Saint Helena pound
	SLE Currency = 'S'<<16 | 'L'<<8 | 'E' // leone
	SOS Currency = 'S'<<16 | 'O'<<8 | 'S' // Somali shilling
	SRD Currency = 'S'<<16 | 'R'<<8 | 'D' // Surinam dollar
	SSP Currency = 'S'<<16 | 'S'<<8 | 'P' // South Sudanese pound
	STN Currency = 'S'<<16 | 'T'<<8 | 'N' // dobra
	SVC Currency = 'S'<<16 | 'V'<<8 | 'C' // El Salvador colón
	SYP Currency = 'S'<<16 | 'Y'<<8 | 'P' // Syrian pound
	SZL Currency = 'S'<<16 | 'Z'<<8 | 'L' // lilangeni
	THB Currency = 'T'<<16 | 'H'<<8 | 'B' // baht
	TJS Currency = 'T'<<16 | 'J'<<8 | 'S' // somoni
	TMT Currency = 'T'<<16 | 'M'<<8 | 'T' // Turkmenistan new manat
	TND Currency = 'T'<<16 | 'N'<<8 | 'D' // Tunisian dinar
	TOP Currency = 'T'<<16 | 'O'<<8 | 'P' // pa'anga
	TRY Currency = 'T'<<16 | 'R'<<8 | 'Y' // Turkish lira
	TTD Currency = 'T'<<16 | 'T'<<8 | 'D' // Trinidad and Tobago dollar
	TWD Currency = 'T'<<16 | 'W'<<8 | 'D' // new Taiwan dollar
	TZS Currency = 'T'<<16 | 'Z'<<8 | 'S' // Tanzanian shilling
	UAH Currency = 'U'<<16 | 'A'<<8 | 'H' // hryvnia
	UGX Currency = 'U'<<16 | 'G'<<8 | 'X' // Uganda shilling
	USD Currency = 'U'<<16 | 'S'<<8 | 'D' // US dollar
	USN Currency = 'U'<<16 | 'S'<<8 | 'N' // US dollar (next day)
	UYI Currency = 'U'<<16 | 'Y'<<8 | 'I' // Uruguay peso en unidades indexadas
	UYU Currency = 'U'<<16 | 'Y'<<8 | 'U' // peso uruguayo
	UYW Currency = 'U'<<16 | 'Y'<<8 | 'W' // unidad previsional
	UZS Currency = 'U'<<16 | 'Z'<<8 | 'S' // Uzbekistan sum
	VED Currency = 'V'<<16 | 'E'<<8 | 'D' // bolívar soberano
	VES Currency = 'V'<<16 | 'E'<<8 | 'S' // bolívar soberano
	VND Currency = 'V'<<16 | 'N'<<8 | 'D' // dong
	VUV Currency = 'V'<<16 | 'U'<<8 | 'V' // vatu
	WST Currency = 'W'<<16 | 'S'<<8 | 'T' // tala
	XAD Currency = 'X'<<16 | 'A'<<8 | 'D' // Arab accounting dinar
	XAF Currency = 'X'<<16 | 'A'<<8 | 'F' // CFA franc BEAC
	XCD Currency = 'X'<<16 | 'C'<<8 | 'D' // East Caribbean dollar
	XCG Currency = 'X'<<16 | 'C'<<8 | 'G' // Caribbean guilder
	XOF Currency = 'X'<<16 | 'O'<<8 | 'F' // CFA franc BCEAO
	XPF Currency = 'X'<<16 | 'P'<<8 | 'F' // CFP franc
	YER Currency = 'Y'<<16 | 'E'<<8 | 'R' // Yemeni rial
	ZAR Currency = 'Z'<<16 | 'A'<<8 | 'R' // rand
	ZMW Currency = 'Z'<<16 | 'M'<<8 | 'W' // Zambian kwacha
	ZWG Currency = 'Z'<<16 | 'W'<<8 | 'G' // Zimbabwe gold
)

// minorUnit says how many digits a currency's minor unit has.
type minorUnit struct {
	code   Currency
	digits uint8
}

// currencies holds every Currency, in the order of their codes, with the digits of its minor unit.
//
//nolint:gochecknoglobals // a compiled table
var currencies = [...]minorUnit{
	{AED, 2},
	{AFN, 2},
	{ALL, 2},
	{AMD, 2},
	{ANG, 2},
	{AOA, 2},
	{ARS, 2},
	{AUD, 2},
	{AWG, 2},
	{AZN, 2},
	{BAM, 2},
	{BBD, 2},
	{BDT, 2},
	{BGN, 2},
	{BHD, 3},
	{BIF, 0},
	{BMD, 2},
	{BND, 2},
	{BOB, 2},
	{BOV, 2},
	{BRL, 2},
	{BSD, 2},
	{BTN, 2},
	{BWP, 2},
	{BYN, 2},
	{BZD, 2},
	{CAD, 2},
	{CDF, 2},
	{CHE, 2},
	{CHF, 2},
	{CHW, 2},
	{CLF, 4},
	{CLP, 0},
	{CNY, 2},
	{COP, 2},
	{COU, 2},
	{CRC, 2},
	{CUP, 2},
	{CVE, 2},
	{CZK, 2},
	{DJF, 0},
	{DKK, 2},
	{DOP, 2},
	{DZD, 2},
	{EGP, 2},
	{ERN, 2},
	{ETB, 2},
	{EUR, 2},
	{FJD, 2},
	{FKP, 2},
	{GBP, 2},
	{GEL, 2},
	{GHS, 2},
	{GIP, 2},
	{GMD, 2},
	{GNF, 0},
	{GTQ, 2},
	{GYD, 2},
	{HKD, 2},
	{HNL, 2},
	{HTG, 2},
	{HUF, 2},
	{IDR, 2},
	{ILS, 2},
	{INR, 2},
	{IQD, 3},
	{IRR, 2},
	{ISK, 0},
	{JMD, 2},
	{JOD, 3},
	{JPY, 0},
	{KES, 2},
	{KGS, 2},
	{KHR, 2},
	{KMF, 0},
	{KPW, 2},
	{KRW, 0},
	{KWD, 3},
	{KYD, 2},
	{KZT, 2},
	{LAK, 2},
	{LBP, 2},
	{LKR, 2},
	{LRD, 2},
	{LSL, 2},
	{LYD, 3},
	{MAD, 2},
	{MDL, 2},
	{MGA, 2},
	{MKD, 2},
	{MMK, 2},
	{MNT, 2},
	{MOP, 2},
	{MRU, 2},
	{MUR, 2},
	{MVR, 2},
	{MWK, 2},
	{MXN, 2},
	{MXV, 2},
	{MYR, 2},
	{MZN, 2},
	{NAD, 2},
	{NGN, 2},
	{NIO, 2},
	{NOK, 2},
	{NPR, 2},
	{NZD, 2},
	{OMR, 3},
	{PAB, 2},
	{PEN, 2},
	{PGK, 2},
	{PHP, 2},
	{PKR, 2},
	{PLN, 2},
	{PYG, 0},
	{QAR, 2},
	{RON, 2},
	{RSD, 2},
	{RUB, 2},
	{RWF, 0},
	{SAR, 2},
	{SBD, 2},
	{SCR, 2},
	{SDG, 2},
	{SEK, 2},
	{SGD, 2},
	{SHP, 2},
	{SLE, 2},
	{SOS, 2},
	{SRD, 2},
	{SSP, 2},
	{STN, 2},
	{SVC, 2},
	{SYP, 2},
	{SZL, 2},
	{THB, 2},
	{TJS, 2},
	{TMT, 2},
	{TND, 3},
	{TOP, 2},
	{TRY, 2},
	{TTD, 2},
	{TWD, 2},
	{TZS, 2},
	{UAH, 2},
	{UGX, 0},
	{USD, 2},
	{USN, 2},
	{UYI, 0},
	{UYU, 2},
	{UYW, 4},
	{UZS, 2},
	{VED, 2},
	{VES, 2},
	{VND, 0},
	{VUV, 0},
	{WST, 2},
	{XAD, 2},
	{XAF, 0},
	{XCD, 2},
	{XCG, 2},
	{XOF, 0},
	{XPF, 0},
	{YER, 2},
	{ZAR, 2},
	{ZMW, 2},
	{ZWG, 2},
}
