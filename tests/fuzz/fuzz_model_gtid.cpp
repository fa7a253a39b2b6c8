// GTID texts of both dialects: never a crash; what is read prints to text that reads the same, and
// the algebra of sets holds for any two of them.
#include <dmlib/core/bytes.hpp>
#include <dmlib/model/position.hpp>

using namespace dmlib;

namespace {

template <class Set>
void check(std::string_view one, std::string_view two) {
    const auto a = Set::parse(one);
    const auto b = Set::parse(two);
    if (!a) return;
    const auto again = Set::parse(a->to_string());
    if (!again || !(*again == *a) || again->to_string() != a->to_string()) __builtin_trap();
    if (!a->contains(*a)) __builtin_trap();
    if (!b) return;
    Set both = *a;
    both.add(*b);
    if (!both.contains(*a) || !both.contains(*b)) __builtin_trap();
    const Set common = a->intersect(*b);
    if (!a->contains(common) || !b->contains(common)) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 4'096) return 0;
    const std::string_view text = as_text({data + 1, size - 1});
    const std::size_t half = text.size() * data[0] / 255;
    check<mysql_gtid_set>(text.substr(0, half), text.substr(half));
    check<mariadb_gtid_set>(text.substr(0, half), text.substr(half));
    (void)parse_uuid(text);
    if (const auto wire = mysql_gtid_set::decode({data + 1, size - 1})) {
        const std::string bytes = wire->encode();
        const auto back = mysql_gtid_set::decode(as_bytes(bytes));
        if (!back || !(*back == *wire)) __builtin_trap();
    }
    (void)mariadb_gtid_set::decode({data + 1, size - 1});
    return 0;
}
