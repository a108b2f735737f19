package sla

import (
	"slices"
	"strings"

	"github.com/amends-go/amends/internal/jsondoc"
)

// What people write for a zone, and what they may have meant by it. None of it is accepted.

// zonesMeant are the zones that a name may have meant, at most three: those of an abbreviation, of a city, of a slip in a well-known name.
func zonesMeant(name string) []string {
	if zones, ok := abbreviated()[strings.ToUpper(name)]; ok {
		return zones
	}
	sign := strings.TrimPrefix(strings.TrimPrefix(strings.ToUpper(name), "UTC"), "GMT")
	if len(sign) > 1 && len(sign) < len(name) && (sign[0] == '+' || sign[0] == '-') {
		return fixed(sign)
	}
	known := wellKnown()
	cities := make([]string, len(known))
	for i, zone := range known {
		cities[i] = zone[strings.LastIndexByte(zone, '/')+1:]
	}
	if !strings.Contains(name, "/") {
		if near := jsondoc.Nearest(strings.ReplaceAll(name, " ", "_"), cities); near != "" {
			return []string{known[slices.Index(cities, near)]}
		}
	}
	if near := jsondoc.Nearest(strings.ReplaceAll(name, " ", "_"), known); near != "" {
		return []string{near}
	}
	return nil
}

// fixed is the zone of whole hours ahead of UTC ("+1"), whose name counts them the other way round.
func fixed(sign string) []string {
	hours := strings.TrimSuffix(strings.TrimLeft(sign[1:], "0"), ":00")
	other := map[byte]string{'+': "-", '-': "+"}[sign[0]]
	zone := "Etc/GMT" + other + hours
	if _, err := loadZone(zone); err != nil {
		return nil
	}
	return []string{zone}
}

// abbreviated are zones by what their clocks are called, which many places share.
func abbreviated() map[string][]string {
	london, paris, eastern := []string{"Europe/London"}, []string{"Europe/Paris", "Europe/Berlin"}, []string{"America/New_York"}
	central, mountain, pacific := []string{"America/Chicago"}, []string{"America/Denver"}, []string{"America/Los_Angeles"}
	sydney, athens := []string{"Australia/Sydney"}, []string{"Europe/Athens", "Europe/Helsinki"}
	return map[string][]string{
		"BST": london, "UK": london, "CEST": paris, "EEST": athens, "EDT": eastern, "ET": eastern, "CST": central, "CDT": central, "CT": central,
		"MDT": mountain, "MT": mountain, "PST": pacific, "PDT": pacific, "PT": pacific, "AEST": sydney, "AEDT": sydney, "ACST": {"Australia/Adelaide"},
		"AWST": {"Australia/Perth"}, "NZST": {"Pacific/Auckland"}, "NZDT": {"Pacific/Auckland"}, "IST": {"Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"},
		"JST": {"Asia/Tokyo"}, "KST": {"Asia/Seoul"}, "SGT": {"Asia/Singapore"}, "HKT": {"Asia/Hong_Kong"}, "SAST": {"Africa/Johannesburg"},
		"BRT": {"America/Sao_Paulo"}, "MSK": {"Europe/Moscow"}, "Z": {"Etc/UTC"},
	}
}

// wellKnown are zones that many people live in; a slip in another's name is refused without a suggestion.
func wellKnown() []string {
	return []string{
		"Etc/UTC", "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Madrid", "Europe/Paris", "Europe/Brussels", "Europe/Amsterdam",
		"Europe/Luxembourg", "Europe/Berlin", "Europe/Zurich", "Europe/Vienna", "Europe/Rome", "Europe/Copenhagen", "Europe/Oslo", "Europe/Stockholm",
		"Europe/Helsinki", "Europe/Warsaw", "Europe/Prague", "Europe/Budapest", "Europe/Bucharest", "Europe/Sofia", "Europe/Athens",
		"Europe/Istanbul", "Europe/Kyiv", "Europe/Moscow", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
		"America/Anchorage", "Pacific/Honolulu", "America/Toronto", "America/Vancouver", "America/Winnipeg", "America/Halifax", "America/St_Johns",
		"America/Mexico_City", "America/Bogota", "America/Lima", "America/Santiago", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
		"Africa/Cairo", "Africa/Casablanca", "Africa/Lagos", "Africa/Nairobi", "Africa/Johannesburg", "Asia/Jerusalem", "Asia/Riyadh", "Asia/Dubai",
		"Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok", "Asia/Jakarta", "Asia/Ho_Chi_Minh", "Asia/Singapore", "Asia/Manila", "Asia/Hong_Kong",
		"Asia/Shanghai", "Asia/Taipei", "Asia/Seoul", "Asia/Tokyo", "Australia/Perth", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney",
		"Australia/Melbourne", "Pacific/Auckland",
	}
}
