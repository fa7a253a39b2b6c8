// Events as a network stream gives them, from anybody: decoder, grammar and typed rows.
#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/rows.hpp>
#include <dmlib/binlog/transaction_tracker.hpp>

#include <vector>

using namespace dmlib;
using namespace dmlib::binlog;

namespace {

void use_rows(const rows_event& r) {
    if (!r.table) return;
    const std::size_t n = r.table->column_count();
    std::vector<value_view> before(n);
    std::vector<value_view> after(n);
    const std::vector<column_facts> facts(n, {true, 0, 0});
    byte_arena arena(1 << 22);
    row_decoder typed(r, facts, &arena);
    row_decoder skipped(r, {}, &arena);
    for (;;) {
        auto more = typed.next(before, after);
        auto same = skipped.skip();
        if (more.has_value() != same.has_value()) __builtin_trap();
        if (!more || !*more) return;
        for (const auto* image : {&before, &after}) {
            for (const value_view& v : *image) {
                std::string text;
                append_text(text, v);
                if (!same_value(v, value(v).view)) __builtin_trap();
            }
        }
        arena.clear();
    }
}

void use(const event& e, transaction_tracker& tracker) {
    if (!tracker.on(e)) tracker.reset();
    if (const auto* r = e.get<rows_event>()) use_rows(*r);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    decoder_options options;
    options.verify_checksum = false;
    options.max_event_size = 1 << 20;
    if ((data[0] & 1) != 0) options.dialect = (data[0] & 2) != 0 ? flavor::mariadb : flavor::mysql;
    decoder d(options);
    transaction_tracker tracker;
    byte_view rest{data + 1, size - 1};
    if (rest.size() >= 4 && rest[0] == 0xfe) rest = rest.subspan(4);
    while (rest.size() >= header_size) {
        byte_cursor p(rest.subspan(9));
        const std::size_t n =
            std::min<std::size_t>(std::max<std::uint32_t>(p.u32(), 1), rest.size());
        auto e = d.push(rest.first(n));
        if (!e) return 0;
        use(**e, tracker);
        if ((*e)->get<transaction_payload>() != nullptr) {
            for (;;) {
                auto inner = d.next_inner();
                if (!inner) return 0;
                if (*inner == nullptr) break;
                use(**inner, tracker);
            }
        }
        rest = rest.subspan(n);
    }
    return 0;
}
