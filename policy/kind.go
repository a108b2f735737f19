package policy

// Kind is a kind of remedy. Hosts add their own: in the document's "remedies", or in Options.Kinds.
//
// Kinds differ in the amounts they take. In the first group below none is possible, in the second a remedy may declare what it
// costs, in the third the amount is what the customer gets and has to be there. See Nature.
type Kind string

// Words and deeds that take no amount. The first three are allowed unless a rule denies them.
const (
	Apology     Kind = "apology"
	Explanation Kind = "explanation"
	Correction  Kind = "correction"
	Callback    Kind = "callback"
)

// Goods and services, with their declared cost.
const (
	Repair          Kind = "repair"
	Replacement     Kind = "replacement"
	Upgrade         Kind = "upgrade"       // something better than what was bought
	Reperformance   Kind = "reperformance" // a service done once more
	Gift            Kind = "gift"
	Expedite        Kind = "expedite" // handled before its turn
	ContractRelease Kind = "contract_release"
	HonorPromise    Kind = "honor_promise" // what was said is honored, though it was said in error
)

// Money and what stands for money.
const (
	Refund        Kind = "refund"
	PartialRefund Kind = "partial_refund"
	Credit        Kind = "credit"
	Voucher       Kind = "voucher"
	Discount      Kind = "discount"
	FeeWaiver     Kind = "fee_waiver"
	Compensation  Kind = "compensation"
)

// Nature says which amounts a kind of remedy takes. The zero Nature is Words.
type Nature uint8

// The natures.
const (
	Words Nature = iota // no amount is possible
	Goods               // the amount is the declared cost; there may be none
	Cash                // the amount is what the customer gets; there has to be one, above zero
)

// kindNature is a kind with its nature.
type kindNature struct {
	kind   Kind
	nature Nature
}

// builtIn holds the kinds that every Set has, in the order in which Kinds lists them.
//
//nolint:gochecknoglobals // a compiled table
var builtIn = [...]kindNature{
	{Apology, Words},
	{Explanation, Words},
	{Correction, Words},
	{Repair, Goods},
	{Replacement, Goods},
	{Upgrade, Goods},
	{Reperformance, Goods},
	{Refund, Cash},
	{PartialRefund, Cash},
	{Credit, Cash},
	{Voucher, Cash},
	{Discount, Cash},
	{FeeWaiver, Cash},
	{Compensation, Cash},
	{Gift, Goods},
	{Expedite, Goods},
	{Callback, Words},
	{ContractRelease, Goods},
	{HonorPromise, Goods},
}

// free tells whether the kind is allowed unless denied, so that a desk without a policy never comes to a dead end.
func (k Kind) free() bool { return k == Apology || k == Explanation || k == Correction }
