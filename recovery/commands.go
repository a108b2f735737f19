package recovery

import (
	"bytes"
	"errors"
)

// CommandName is the name of a command, as [Case.Legal], [CaseError] and
// [DecodeCommand] have it: "check_back" for a [CheckBack].
func CommandName(c Command) string { return c.command() }

// DecodeCommand reads a command from JSON: the name says which one, data holds its
// fields, as encoding/json writes them. Empty data is a command without fields. A
// name or field that there is not is a [*FieldError].
func DecodeCommand(name string, data []byte) (Command, error) {
	decode, ok := commands[name]
	if !ok {
		var names []string
		for _, l := range legal {
			names = append(names, l.command)
		}
		return nil, &FieldError{"command", unknownName("command", name, names)}
	}
	if len(data) == 0 {
		data = []byte("{}")
	}
	cmd, err := decode(data)
	if err != nil {
		return nil, &FieldError{name, err.Error()}
	}
	return cmd, nil
}

// commands decode each command, by its name.
//
//nolint:gochecknoglobals // a compiled table
var commands = func() map[string]func([]byte) (Command, error) {
	all := map[string]func([]byte) (Command, error){}
	addCommand[Strategize](all)
	addCommand[Acknowledge](all)
	addCommand[Clarify](all)
	addCommand[Propose](all)
	addCommand[Approve](all)
	addCommand[Refuse](all)
	addCommand[Present](all)
	addCommand[Retract](all)
	addCommand[Accept](all)
	addCommand[Decline](all)
	addCommand[Promise](all)
	addCommand[Fulfil](all)
	addCommand[Release](all)
	addCommand[CheckBack](all)
	addCommand[Respond](all)
	addCommand[Close](all)
	addCommand[Reopen](all)
	addCommand[Refer](all)
	addCommand[Decide](all)
	addCommand[Contact](all)
	addCommand[Wait](all)
	addCommand[Resume](all)
	addCommand[Assign](all)
	addCommand[Escalate](all)
	addCommand[Reclassify](all)
	addCommand[Learn](all)
	addCommand[FlagAbuse](all)
	addCommand[Link](all)
	addCommand[Note](all)
	return all
}()

func addCommand[C Command](all map[string]func([]byte) (Command, error)) {
	var zero C
	all[zero.command()] = func(data []byte) (Command, error) {
		var c C
		if bytes.Equal(bytes.TrimSpace(data), []byte("null")) {
			return nil, errors.New("null; want an object")
		}
		err := strict(data, &c)
		return c, err
	}
}
