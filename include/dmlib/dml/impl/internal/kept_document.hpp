// Whether a column of type JSON keeps a document: numbers that no double is, and keys that stand
// twice, get lost there without an error.
#pragma once

#include <dmlib/dml/impl/internal/plain_number.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace dml {
namespace internal {

class document_scan {
public:
    explicit document_scan(std::string_view text) : text_(text) {}

    /// True as well for what is no document: the server refuses that.
    bool kept() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"') {
                if (!string()) return false;
            } else if (c == '-' || (c >= '0' && c <= '9')) {
                if (!number()) return false;
            } else {
                if (c == '{' || c == '[') open_.push_back({c == '{', {}});
                if (c == '}' || c == ']') {
                    if (!close()) return false;
                }
                ++at_;
            }
        }
        return true;
    }

private:
    struct level {
        bool is_object;
        std::vector<std::string> keys;
    };

    bool close() {
        if (open_.empty()) return true;
        auto& keys = open_.back().keys;
        std::sort(keys.begin(), keys.end());
        const bool once = std::adjacent_find(keys.begin(), keys.end()) == keys.end();
        open_.pop_back();
        return once;
    }

    unsigned hex() {
        unsigned n = 0;
        const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
        std::from_chars(digits.data(), digits.data() + digits.size(), n, 16);
        at_ += digits.size();
        return n;
    }

    static void append_utf8(std::string& out, unsigned c) {
        const auto add = [&out](unsigned byte) { out += static_cast<char>(byte); };
        if (c < 0x80) return add(c);
        if (c < 0x800) {
            add(0xC0U | c >> 6U);
        } else {
            if (c < 0x10000) {
                add(0xE0U | c >> 12U);
            } else {
                add(0xF0U | c >> 18U);
                add(0x80U | (c >> 12U & 0x3FU));
            }
            add(0x80U | (c >> 6U & 0x3FU));
        }
        add(0x80U | (c & 0x3FU));
    }

    /// Four hex digits behind \u. Half of a pair is no character: some servers store another one.
    bool unicode(std::string& out) {
        unsigned c = hex();
        if (c >= 0xD800 && c < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
            at_ += 2;
            const unsigned low = hex();
            if (low < 0xDC00 || low > 0xDFFF) return false;
            c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
        }
        if (c >= 0xD800 && c < 0xE000) return false;
        append_utf8(out, c);
        return true;
    }

    bool string() {
        std::string out;
        for (++at_; at_ < text_.size() && text_[at_] != '"';) {
            const char c = text_[at_++];
            if (c != '\\' || at_ == text_.size()) {
                out += c;
                continue;
            }
            const char escaped = text_[at_++];
            if (escaped == 'u') {
                if (!unicode(out)) return false;
                continue;
            }
            constexpr std::string_view letters = "bfnrt", controls = "\b\f\n\r\t";
            const std::size_t letter = letters.find(escaped);
            out += letter == std::string_view::npos ? escaped : controls[letter];
        }
        ++at_;
        const std::size_t next = text_.find_first_not_of(" \t\r\n", std::min(at_, text_.size()));
        const bool is_key = next != std::string_view::npos && text_[next] == ':';
        if (is_key && !open_.empty() && open_.back().is_object)
            open_.back().keys.push_back(std::move(out));
        return true;
    }

    bool number() {
        const std::size_t end =
            std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
        const std::string text(text_.substr(at_, end - at_));
        at_ = end;
        const plain_number n = plain_number::of(text);
        if (n.digits.empty()) return true;
        if (text.find_first_of(".eE") == std::string::npos) {
            std::int64_t i = 0;
            std::uint64_t u = 0;
            const char* const last = text.data() + text.size();
            if (std::from_chars(text.data(), last, i).ec == std::errc{}) return true;
            if (std::from_chars(text.data(), last, u).ec == std::errc{}) return true;
        }
        return as_real<double>(text) == n;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<level> open_;
};

}  // namespace internal
}  // namespace dml
}  // namespace DMLIB_ABI
}  // namespace dmlib
