// Any text as a pattern, an event name and a list of rules, asked about any name: never a crash,
// never long.
#include <dmlib/core/bytes.hpp>
#include <dmlib/transform/rule_set.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2 || size > 4'096) return 0;
    const std::string_view text = as_text({data + 2, size - 2});
    const bool case_sensitive = (data[0] & 1) != 0;
    const std::string_view pattern = text.substr(0, text.size() * data[1] / 255);
    const std::string_view name = text.substr(pattern.size());
    (void)did_you_mean(name, {"truncate table", "drop table"});
    if (auto p = name_pattern::compile(pattern, case_sensitive)) {
        const bool taken = p->matches(name);
        // A literal takes exactly its own name.
        if (p->is_literal() && case_sensitive && taken != (pattern == name)) __builtin_trap();
        if (p->is_literal() && !p->matches(pattern)) __builtin_trap();
    }
    if (auto re = text_regex::compile(pattern, case_sensitive)) (void)re->captures(name);
    const table_pattern split = parse_table_pattern(pattern);
    filter f;
    f.case_sensitive(case_sensitive).allow(pattern).block(name);
    f.events({"e",
              split.schema,
              split.table,
              {std::string(name)},
              {std::string(pattern)},
              filter_action::ignore});
    const router r = router{}.route(pattern, name);
    const mapper m = mapper{}.partition_id(
        "id", {.instance = data[0], .schema_prefix = split.schema, .separator = "_"}, pattern);
    if (auto set = rule_set::compile(f, r, m, std::string(name))) {
        (void)set->explain({std::string(name), split.table});
        (void)set->route_schema(name);
    }
    return 0;
}
