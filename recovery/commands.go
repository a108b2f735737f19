package recovery

import (
	"bytes"
	"errors"
	"unicode/utf8"
)

// CommandName is the name of a command, as [Case.Legal], [CaseError] and
// [DecodeCommand] have it: "check_back" for a [CheckBack]. What is no command of the
// library's, passed by value, has none: it is empty.
func CommandName(c Command) string {
	if !ours(c) {
		return ""
	}
	return c.command()
}

// maxCommand is how many bytes of JSON a command has at most: no store needs to hold more.
const maxCommand = 4 << 20

// DecodeCommand reads a command from JSON: the name says which one, data holds its
// fields, as encoding/json writes them. Empty data is a command without fields. A
// name or field that there is not, text that is not UTF-8, and data of more than 4 MiB
// are a [*FieldError]. What the fields say is checked by the desk.
func DecodeCommand(name string, data []byte) (Command, error) {
	decode, ok := commands[name]
	if !ok {
		var names []string
		for _, l := range legal {
			names = append(names, l.command)
		}
		return nil, &FieldError{"command", unknownName("command", name, names)}
	}
	switch data = bytes.TrimSpace(data); {
	case len(data) > maxCommand:
		return nil, invalid(name, "%d bytes of JSON; at most %d", len(data), maxCommand)
	case !utf8.Valid(data): // which encoding/json would replace, and say nothing
		return nil, invalid(name, "not valid UTF-8")
	case len(data) == 0:
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
		if bytes.Equal(data, []byte("null")) {
			return nil, errors.New("null; want an object")
		}
		err := strict(data, &c)
		return c, err
	}
}
