#pragma once

#include <dmlib/model/position.hpp>

#include <algorithm>

namespace dmlib {
inline namespace DMLIB_ABI {

namespace internal {

// "binlog.000012" -> "binlog." and "000012"; the second is empty where no digit ends the name.
struct split_file_name {
    std::string_view base;
    std::string_view digits;
};

inline split_file_name split_binlog_name(std::string_view name) {
    std::size_t n = name.size();
    while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9') --n;
    return {name.substr(0, n), name.substr(n)};
}

// Numbers as text of any length, leading zeros or not.
inline std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    if (a.size() != b.size()) return a.size() <=> b.size();
    return a <=> b;
}

}  // namespace internal

DMLIB_DECL std::strong_ordering compare(const binlog_position& a, const binlog_position& b) {
    if (a.file == b.file) return a.pos <=> b.pos;
    const auto x = internal::split_binlog_name(a.file);
    const auto y = internal::split_binlog_name(b.file);
    if (x.digits.empty() || y.digits.empty()) return a.file <=> b.file;
    const auto by_number = internal::compare_digits(x.digits, y.digits);
    if (by_number != 0) return by_number;
    if (x.base != y.base) return x.base <=> y.base;
    return a.pos <=> b.pos;  // binlog.1 and binlog.01: the same number
}

DMLIB_DECL std::string to_string(const binlog_position& p) {
    return p.file + ":" + std::to_string(p.pos);
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
