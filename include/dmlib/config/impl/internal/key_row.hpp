// The shape of the table of configuration keys (src/tables/config_keys.csv).
#pragma once

#include <dmlib/core/config.hpp>

#include <cstdint>
#include <string_view>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace config {
namespace internal {

enum class key_type : std::uint8_t {
    string_,
    bool_,
    int_,
    float_,
    word_,
    size_,
    duration_,
    strings_,
    patterns_,
    pattern_,
    regex_,
    secret_,
    texts_,
    pem_,
    base64_,
    any_,
    block_,
    map_,
    list_,
};

enum class key_state : std::uint8_t { supported, not_supported_yet, no_effect, unused, removed };

inline constexpr std::string_view required_key = "(required)";

/// One key of one block. `of` names the block of block_, map_ and list_.
struct key_row {
    std::string_view block;
    std::string_view key;
    key_type type;
    std::string_view of;
    std::string_view standard;  ///< the default; "(required)" where there is none
    std::string_view range;     ///< "a..b" or words "a|b|c"
    std::string_view unit;
    key_state state;
    std::string_view sentence;
};

}  // namespace internal
}  // namespace config
}  // namespace DMLIB_ABI
}  // namespace dmlib
