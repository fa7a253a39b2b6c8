#pragma once

#include <dmlib/sql/literal.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace sql {
namespace internal {

inline int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = static_cast<char>(c | 0x20);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : 0;
}

inline std::string bytes_of_hex(const std::string& digits) {
    std::string out;
    out.reserve(digits.size() / 2 + 1);
    std::size_t i = 0;
    if (digits.size() % 2 != 0) {  // 0xABC is 0x0ABC
        out.push_back(static_cast<char>(hex_digit(digits[0])));
        i = 1;
    }
    for (; i + 1 < digits.size(); i += 2) {
        out.push_back(static_cast<char>(hex_digit(digits[i]) * 16 + hex_digit(digits[i + 1])));
    }
    return out;
}

inline std::string bytes_of_bits(const std::string& digits) {
    std::string out((digits.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::size_t from_end = digits.size() - 1 - i;
        if (digits[i] != '1') continue;
        char& byte = out[out.size() - 1 - from_end / 8];
        byte = static_cast<char>(static_cast<unsigned char>(byte) | (1U << (from_end % 8)));
    }
    return out;
}

}  // namespace internal

DMLIB_DECL std::optional<std::string> bytes_of(const literal& l) {
    switch (l.kind) {
        case literal_kind::null:
            return std::nullopt;
        case literal_kind::hex:
            return internal::bytes_of_hex(l.text);
        case literal_kind::bit:
            return internal::bytes_of_bits(l.text);
        default:
            return l.text;
    }
}

DMLIB_DECL std::optional<std::uint64_t> unsigned_of(const literal& l) {
    unsigned base = 10;
    switch (l.kind) {
        case literal_kind::boolean:
            return l.text == "true" ? 1 : 0;
        case literal_kind::integer:
            break;
        case literal_kind::hex:
            base = 16;
            break;
        case literal_kind::bit:
            base = 2;
            break;
        default:
            return std::nullopt;
    }
    std::uint64_t v = 0;
    for (const char c : l.text) {
        const auto d = static_cast<std::uint64_t>(internal::hex_digit(c));
        if (d >= base || v > (UINT64_MAX - d) / base) return std::nullopt;
        v = v * base + d;
    }
    return v;
}

DMLIB_DECL std::optional<literal> signed_literal(const expression& e) {
    if (e.kind == expression_kind::literal) return e.value;
    if (e.kind != expression_kind::unary || e.operands.size() != 1) return std::nullopt;
    if (e.op != expression_operator::negate && e.op != expression_operator::plus) {
        return std::nullopt;
    }
    if (e.operands[0].kind != expression_kind::literal) return std::nullopt;
    literal l = e.operands[0].value;
    if (l.kind == literal_kind::hex || l.kind == literal_kind::bit) {
        const std::optional<std::uint64_t> n = unsigned_of(l);
        if (!n) return std::nullopt;
        l = {literal_kind::integer, std::to_string(*n), {}};
    }
    const bool number = l.kind == literal_kind::integer || l.kind == literal_kind::decimal ||
                        l.kind == literal_kind::floating;
    if (!number) return std::nullopt;
    if (e.op == expression_operator::negate) l.text.insert(l.text.begin(), '-');
    return l;
}

DMLIB_DECL expression string_expression(std::string bytes) {
    expression e;
    e.value.kind = literal_kind::string;
    e.value.text = std::move(bytes);
    return e;
}

DMLIB_DECL expression column_expression(std::string name) {
    expression e;
    e.kind = expression_kind::column;
    e.name = std::move(name);
    return e;
}

}  // namespace sql
}  // namespace DMLIB_ABI
}  // namespace dmlib
