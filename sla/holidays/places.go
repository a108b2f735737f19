package holidays

import (
	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cy"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/ecb"
	"github.com/rickar/cal/v2/ee"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/hu"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/is"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/ke"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/mt"
	"github.com/rickar/cal/v2/mw"
	"github.com/rickar/cal/v2/mx"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/rs"
	"github.com/rickar/cal/v2/ru"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/th"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// Place is a place whose holidays are known.
type Place struct {
	Code string // ISO 3166: "US", "DE-BY"; "ECB" is the European Central Bank's days of rest
	Name string // in English
}

// Places is the places whose holidays are known, by code.
func Places() []Place {
	all := places()
	list := make([]Place, len(all))
	for i := range all {
		list[i] = all[i].Place
	}
	return list
}

// place is a place with the rules of its holidays.
type place struct {
	Place
	rules []*cal.Holiday
}

// places is every place, by code. It is made when it is asked for: rickar/cal keeps its lists in variables, which a program may change.
func places() []place {
	return []place{
		{Place{"AR", "Argentina"}, ar.Holidays},
		{Place{"AT", "Austria"}, at.Holidays},
		{Place{"AU-ACT", "Australia, Australian Capital Territory"}, au.HolidaysACT},
		{Place{"AU-NSW", "Australia, New South Wales"}, au.HolidaysNSW},
		{Place{"AU-NT", "Australia, Northern Territory"}, au.HolidaysNT},
		{Place{"AU-QLD", "Australia, Queensland"}, au.HolidaysQLD},
		{Place{"AU-SA", "Australia, South Australia"}, au.HolidaysSA},
		{Place{"AU-TAS", "Australia, Tasmania"}, au.HolidaysTAS},
		{Place{"AU-VIC", "Australia, Victoria"}, au.HolidaysVIC},
		{Place{"AU-WA", "Australia, Western Australia"}, au.HolidaysWA},
		{Place{"BE", "Belgium"}, be.Holidays},
		{Place{"BG", "Bulgaria"}, bg.Holidays},
		{Place{"BR", "Brazil"}, br.Holidays},
		{Place{"CA", "Canada"}, ca.Holidays},
		{Place{"CH-AG", "Switzerland, Aargau"}, ch.HolidaysAG},
		{Place{"CH-AI", "Switzerland, Appenzell Innerrhoden"}, ch.HolidaysAI},
		{Place{"CH-AR", "Switzerland, Appenzell Ausserrhoden"}, ch.HolidaysAR},
		{Place{"CH-BE", "Switzerland, Bern"}, ch.HolidaysBE},
		{Place{"CH-BL", "Switzerland, Basel-Landschaft"}, ch.HolidaysBL},
		{Place{"CH-BS", "Switzerland, Basel-Stadt"}, ch.HolidaysBS},
		{Place{"CH-FR", "Switzerland, Fribourg"}, ch.HolidaysFR},
		{Place{"CH-GE", "Switzerland, Geneva"}, ch.HolidaysGE},
		{Place{"CH-GL", "Switzerland, Glarus"}, ch.HolidaysGL},
		{Place{"CH-GR", "Switzerland, Graubünden"}, ch.HolidaysGR},
		{Place{"CH-JU", "Switzerland, Jura"}, ch.HolidaysJU},
		{Place{"CH-LU", "Switzerland, Lucerne"}, ch.HolidaysLU},
		{Place{"CH-NE", "Switzerland, Neuchâtel"}, ch.HolidaysNE},
		{Place{"CH-NW", "Switzerland, Nidwalden"}, ch.HolidaysNW},
		{Place{"CH-OW", "Switzerland, Obwalden"}, ch.HolidaysOW},
		{Place{"CH-SG", "Switzerland, St. Gallen"}, ch.HolidaysSG},
		{Place{"CH-SH", "Switzerland, Schaffhausen"}, ch.HolidaysSH},
		{Place{"CH-SO", "Switzerland, Solothurn"}, ch.HolidaysSO},
		{Place{"CH-SZ", "Switzerland, Schwyz"}, ch.HolidaysSZ},
		{Place{"CH-TG", "Switzerland, Thurgau"}, ch.HolidaysTG},
		{Place{"CH-TI", "Switzerland, Ticino"}, ch.HolidaysTI},
		{Place{"CH-UR", "Switzerland, Uri"}, ch.HolidaysUR},
		{Place{"CH-VD", "Switzerland, Vaud"}, ch.HolidaysVD},
		{Place{"CH-VS", "Switzerland, Valais"}, ch.HolidaysVS},
		{Place{"CH-ZG", "Switzerland, Zug"}, ch.HolidaysZG},
		{Place{"CH-ZH", "Switzerland, Zürich"}, ch.HolidaysZH},
		{Place{"CY", "Cyprus"}, cy.Holidays},
		{Place{"CZ", "Czechia"}, cz.Holidays},
		{Place{"DE", "Germany"}, de.Holidays},
		{Place{"DE-BB", "Germany, Brandenburg"}, de.HolidaysBB},
		{Place{"DE-BE", "Germany, Berlin"}, de.HolidaysBE},
		{Place{"DE-BW", "Germany, Baden-Württemberg"}, de.HolidaysBW},
		{Place{"DE-BY", "Germany, Bavaria"}, de.HolidaysBY},
		{Place{"DE-HB", "Germany, Bremen"}, de.HolidaysHB},
		{Place{"DE-HE", "Germany, Hesse"}, de.HolidaysHE},
		{Place{"DE-HH", "Germany, Hamburg"}, de.HolidaysHH},
		{Place{"DE-MV", "Germany, Mecklenburg-Vorpommern"}, de.HolidaysMV},
		{Place{"DE-NI", "Germany, Lower Saxony"}, de.HolidaysNI},
		{Place{"DE-NW", "Germany, North Rhine-Westphalia"}, de.HolidaysNW},
		{Place{"DE-RP", "Germany, Rhineland-Palatinate"}, de.HolidaysRP},
		{Place{"DE-SH", "Germany, Schleswig-Holstein"}, de.HolidaysSH},
		{Place{"DE-SL", "Germany, Saarland"}, de.HolidaysSL},
		{Place{"DE-SN", "Germany, Saxony"}, de.HolidaysSN},
		{Place{"DE-ST", "Germany, Saxony-Anhalt"}, de.HolidaysST},
		{Place{"DE-TH", "Germany, Thuringia"}, de.HolidaysTH},
		{Place{"DK", "Denmark"}, dk.Holidays},
		{Place{"ECB", "European Central Bank"}, ecb.Holidays},
		{Place{"EE", "Estonia"}, ee.Holidays},
		{Place{"ES", "Spain"}, es.Holidays},
		{Place{"FI", "Finland"}, fi.Holidays},
		{Place{"FR", "France"}, fr.Holidays},
		{Place{"GB-ENG", "United Kingdom, England"}, gb.Holidays},
		{Place{"GB-WLS", "United Kingdom, Wales"}, gb.Holidays},
		{Place{"GR", "Greece"}, gr.Holidays},
		{Place{"HR", "Croatia"}, hr.Holidays},
		{Place{"HU", "Hungary"}, hu.Holidays},
		{Place{"IE", "Ireland"}, ie.Holidays},
		{Place{"IS", "Iceland"}, is.Holidays},
		{Place{"IT", "Italy"}, it.Holidays},
		{Place{"JP", "Japan"}, jp.Holidays},
		{Place{"KE", "Kenya"}, ke.Holidays},
		{Place{"LT", "Lithuania"}, lt.Holidays},
		{Place{"LU", "Luxembourg"}, lu.Holidays},
		{Place{"LV", "Latvia"}, lv.Holidays},
		{Place{"MT", "Malta"}, mt.Holidays},
		{Place{"MW", "Malawi"}, mw.Holidays},
		{Place{"MX", "Mexico"}, mx.Holidays},
		{Place{"NC", "New Caledonia"}, nc.Holidays},
		{Place{"NL", "Netherlands"}, nl.Holidays},
		{Place{"NO", "Norway"}, no.Holidays},
		{Place{"NZ", "New Zealand"}, nz.Holidays},
		{Place{"PL", "Poland"}, pl.Holidays},
		{Place{"PT", "Portugal"}, pt.Holidays},
		{Place{"RO", "Romania"}, ro.Holidays},
		{Place{"RS", "Serbia"}, rs.Holidays},
		{Place{"RU", "Russia"}, ru.Holidays},
		{Place{"SE", "Sweden"}, se.Holidays},
		{Place{"SI", "Slovenia"}, si.Holidays},
		{Place{"SK", "Slovakia"}, sk.Holidays},
		{Place{"TH", "Thailand"}, th.Holidays},
		{Place{"UA", "Ukraine"}, ua.Holidays},
		{Place{"US", "United States"}, us.Holidays},
		{Place{"ZA", "South Africa"}, za.Holidays},
	}
}
