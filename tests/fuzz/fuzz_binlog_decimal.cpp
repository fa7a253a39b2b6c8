// Packed decimals: digits that were packed by the book come back as the same text from a row; any
// other bytes of the same length are a fault, or a text that packs to these bytes again. And
// DECIMALs of a server before 5.0, which are texts, against the rule for such a text.
#include <dmlib/binlog/rows.hpp>

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

constexpr std::size_t bytes_of_digits[10] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};

void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "%s\n", what);
    __builtin_trap();
}

/// A table map of one column.
auto map_of(std::uint8_t type, const std::string& metadata) {
    std::string body;
    body += '\1';
    body += 's';
    body += '\0';
    body += '\1';
    body += 't';
    body += '\0';
    body += '\1';
    body += static_cast<char>(type);
    body += static_cast<char>(metadata.size());
    body += metadata;
    body += '\1';
    return table_map::parse(1, 0, as_bytes(body), flavor::mysql);
}

/// Sizes of the groups of a decimal in order: digits of each.
std::vector<std::size_t> groups_of(std::size_t whole, std::size_t scale) {
    std::vector<std::size_t> out;
    if (whole % 9 != 0) out.push_back(whole % 9);
    out.insert(out.end(), whole / 9, 9);
    out.insert(out.end(), scale / 9, 9);
    if (scale % 9 != 0) out.push_back(scale % 9);
    return out;
}

/// `digits` has whole + scale of them, with leading zeros.
std::string pack(bool negative, const std::string& digits, std::size_t whole, std::size_t scale) {
    std::string out;
    std::size_t at = 0;
    for (const std::size_t n : groups_of(whole, scale)) {
        const std::uint64_t number = std::stoull(digits.substr(at, n));
        at += n;
        for (std::size_t i = bytes_of_digits[n]; i-- > 0;) {
            out.push_back(static_cast<char>((number >> (8 * i)) & 0xff));
        }
    }
    if (negative) {
        for (char& c : out) c = static_cast<char>(~c);
    }
    out[0] = static_cast<char>(out[0] ^ 0x80);
    return out;
}

/// The only text of these digits.
std::string text_of(bool negative, const std::string& digits, std::size_t whole) {
    std::string left = digits.substr(0, whole);
    left.erase(0, std::min(left.find_first_not_of('0'), left.size()));
    std::string out = negative ? "-" : "";
    out += left.empty() ? "0" : left;
    if (whole < digits.size()) out += "." + digits.substr(whole);
    return out;
}

/// The text of a row's only value; nothing where it is a fault.
bool read(const std::shared_ptr<const table_map>& map,
          const std::string& packed,
          std::string& text,
          std::span<const column_facts> facts = {}) {
    byte_arena arena;
    const std::string row = '\0' + packed;
    const std::uint8_t all = 1;
    rows_event e;
    e.column_count = 1;
    e.table = map;
    e.after_columns = byte_view(&all, 1);
    e.rows = as_bytes(row);
    row_decoder rows(e, facts, &arena);
    std::vector<value_view> before(1);
    std::vector<value_view> after(1);
    const auto more = rows.next(before, after);
    row_decoder skipping(e, facts, &arena);
    check(skipping.skip().has_value() == more.has_value(), "skipping a row finds other faults");
    if (!more) return false;
    check(*more && rows.remaining() == 0, "a row of another size");
    append_text(text, after[0]);
    return true;
}

/// The digits of a text, with the leading zeros of its column; empty where it is no such number.
std::string digits_of(std::string text, std::size_t whole, std::size_t scale) {
    if (!text.empty() && text[0] == '-') text.erase(0, 1);
    const std::size_t point = text.find('.');
    std::string left = text.substr(0, point);
    const std::string right = point == std::string::npos ? "" : text.substr(point + 1);
    if (left == "0") left.clear();
    if (left.size() > whole || right.size() != scale || (!left.empty() && left[0] == '0'))
        return {};
    const std::string out = std::string(whole - left.size(), '0') + left + right;
    const bool digits =
        std::all_of(out.begin(), out.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? out : std::string();
}

/// The number that a stored text of before 5.0 stands for, as today's servers show it: spaces, a
/// sign, digits with at most one point among or beside them. Empty: it stands for none.
std::string number_of(std::string text, std::size_t scale) {
    text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
    const bool negative = !text.empty() && text[0] == '-';
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.erase(0, 1);
    const std::size_t point = text.find('.');
    std::string whole = text.substr(0, point);
    std::string behind = point == std::string::npos ? "" : text.substr(point + 1);
    if ((whole + behind).find_first_not_of("0123456789") != std::string::npos ||
        whole.size() + behind.size() == 0 || behind.size() > scale)
        return {};
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
    behind.resize(scale, '0');
    if (whole.size() + scale > 65) return {};
    const bool zero = (whole + behind).find_first_not_of('0') == std::string::npos;
    std::string out = negative && !zero ? "-" : "";
    out += whole.empty() ? "0" : whole;
    return scale == 0 ? out : out + '.' + behind;
}

/// A DECIMAL of before 5.0: any bytes, and bytes of the letters that numbers have.
void check_old(std::size_t count, std::size_t scale, bool is_unsigned, byte_view rest) {
    const auto map = map_of(0, {});
    check(map.has_value(), "an old DECIMAL is refused");
    const column_facts facts{
        is_unsigned, static_cast<std::uint8_t>(count), static_cast<std::uint8_t>(scale)};
    std::string any(count + (scale != 0 ? 1u : 0u) + (is_unsigned ? 0u : 1u), ' ');
    std::string letters = any;
    for (std::size_t i = 0; i < any.size() && i < rest.size(); ++i) {
        any[i] = static_cast<char>(rest[i]);
        letters[i] = "0123456789.- +  "[rest[i] % 16];
    }
    std::string padded = letters;
    for (std::size_t i = 0; i < padded.size() && padded[i] != '.'; ++i) {
        if (i + 3 < padded.size()) padded[i] = rest.size() > i && rest[i] > 200 ? ' ' : padded[i];
    }
    for (const std::string& stored : {any, letters, padded}) {
        std::string text;
        const bool good = read(*map, stored, text, std::span(&facts, 1));
        check(text == number_of(stored, scale) && good == !text.empty(), "another old DECIMAL");
        check(!read(*map, stored, text), "an old DECIMAL of any width is read");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::size_t count = 1 + data[0] % 65u;
    const std::size_t scale = data[1] % (std::min<std::size_t>(count, 38) + 1);
    const std::size_t whole = count - scale;
    const bool negative = (data[2] & 1) != 0;
    const byte_view rest{data + 3, size - 3};
    const auto map = map_of(246, {static_cast<char>(count), static_cast<char>(scale)});
    check(map.has_value(), "a DECIMAL is refused");

    // Digits, packed and read.
    std::string digits(count, '0');
    for (std::size_t i = 0; i < count && i < rest.size(); ++i) {
        digits[i] = static_cast<char>('0' + rest[i] % 10);
    }
    std::string text;
    const std::string packed = pack(negative, digits, whole, scale);
    check(packed.size() == decimal_size(static_cast<int>(count), static_cast<int>(scale)),
          "another size");
    check(read(*map, packed, text), "a packed decimal is a fault");
    check(text == text_of(negative, digits, whole), "another number");

    // Any bytes.
    std::string any(packed.size(), '\0');
    for (std::size_t i = 0; i < any.size() && i < rest.size(); ++i)
        any[i] = static_cast<char>(rest[i]);
    text.clear();
    if (read(*map, any, text)) {
        const std::string back = digits_of(text, whole, scale);
        check(back.size() == count, "a text that is no number of the column");
        check(pack(text[0] == '-', back, whole, scale) == any, "another number than the bytes");
    }

    // Any metadata: an error, or digits and a scale that fit each other.
    const auto odd = map_of(246, {static_cast<char>(data[0]), static_cast<char>(data[1])});
    check(odd.has_value() == (data[0] >= 1 && data[0] <= 65 && data[1] <= data[0]), "metadata");
    check_old(count, scale, negative, rest);
    return 0;
}
