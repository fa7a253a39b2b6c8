// Any text as a task file and as a source file: problems, never a crash. Each problem has a place
// inside the file.
#include <dmlib/config/load.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = as_text({data, size});
    config::load_options options;
    options.max_nodes = 20'000;
    options.environment = [](std::string_view name) -> std::optional<std::string> {
        if (name == "SET") return "value";
        return std::nullopt;
    };
    const auto task = config::load_task("task.yaml", text, options);
    const auto source = config::load_source("source.yaml", text, options);
    if (task.ok()) {
        (void)config::cross_check(task.file, {&source.file, 1});
        for (const auto& one : task.file.instances) {
            (void)config::make_filter(task.file, one, nullptr);
            (void)config::make_router(one);
            (void)config::make_mapper(one);
        }
    }
    return 0;
}
