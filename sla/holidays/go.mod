module github.com/amends-go/amends/sla/holidays

go 1.26.0

replace github.com/amends-go/amends => ../..

require (
	github.com/amends-go/amends v0.0.0-00010101000000-000000000000
	github.com/rickar/cal/v2 v2.1.27
	github.com/stretchr/testify v1.12.1
	github.com/teambition/rrule-go v1.8.2
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
