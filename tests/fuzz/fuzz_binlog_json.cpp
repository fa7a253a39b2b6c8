// Binary JSON and partial updates from anybody: text that is valid JSON, or a fault.
#include <dmlib/binlog/json.hpp>

#include <nlohmann/json.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const byte_view all{data + 1, size - 1};
    std::string text;
    if (binlog::append_json_text(text, all)) {
        // Strings are the column's own bytes: not UTF-8 in a broken document. All else must parse.
        const bool ascii = std::all_of(
            text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
        if (ascii && !nlohmann::json::accept(text)) __builtin_trap();
        if (text.size() > size * 8 + 64) __builtin_trap();
    } else if (!text.empty()) {
        __builtin_trap();
    }
    // The first byte splits the input into a document and the diffs on it.
    const std::size_t split = all.empty() ? 0 : data[0] * all.size() / 256;
    std::string patched;
    if (!binlog::append_patched_json_text(patched, all.first(split), all.subspan(split)) &&
        !patched.empty()) {
        __builtin_trap();
    }
    return 0;
}
