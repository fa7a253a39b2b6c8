// A password: it can be used, and it cannot be printed by accident.
#pragma once

#include <dmlib/core/config.hpp>

#include <string>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

/// Holds a secret text. It has no conversion, no stream operator and no formatter; whoever needs
/// the text says reveal(), and a reader can search for that word.
class secret {
public:
    secret() = default;
    explicit secret(std::string text) : text_(std::move(text)) {}
    secret(const char* text) : text_(text) {}  // so that {.password = "..."} works

    const std::string& reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    bool operator==(const secret&) const = default;

private:
    std::string text_;
};

}  // namespace DMLIB_ABI
}  // namespace dmlib
