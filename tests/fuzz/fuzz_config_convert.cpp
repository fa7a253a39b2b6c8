// Any text as a file to convert, YAML or TOML: problems, or a file that says the same. What loads
// before loads afterwards; a second conversion changes nothing.
#include <dmlib/config/convert.hpp>
#include <dmlib/config/load.hpp>
#include <dmlib/core/bytes.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 16'384) return 0;
    const std::string_view text = as_text({data, size});
    const auto done = config::convert_file("f", text, {.before_6_0 = false});
    // It looks at its result itself: one that does not read back as it is comes out as this.
    for (const config::problem& p : done.problems) {
        if (p.what.code() == errc::internal_bug) __builtin_trap();
    }
    if (!done.ok()) return 0;
    config::load_options options;
    options.environment = [](std::string_view) { return std::string("v"); };
    if (done.kind == config::file_kind::task) {
        const auto before = config::load_task("f", text, options);
        const auto after = config::load_task("f", done.text, options);
        if (before.ok() && !after.ok()) __builtin_trap();
        if (before.ok() &&
            before.file.target.password.reveal() != after.file.target.password.reveal())
            __builtin_trap();
    } else {
        const auto before = config::load_source("f", text, options);
        const auto after = config::load_source("f", done.text, options);
        if (before.ok() && !after.ok()) __builtin_trap();
        if (before.ok() && before.file.from.password.reveal() != after.file.from.password.reveal())
            __builtin_trap();
    }
    return 0;
}
