#include <dmlib/checkpoint/chunk_ledger.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

using namespace dmlib;
using namespace dmlib::checkpoint;

namespace {

const table_name orders{"shop", "orders"};

location at(std::uint64_t pos) {
    location l;
    l.position = {"bin.000001", pos};
    return l;
}

key_tuple keys(std::initializer_list<std::int64_t> numbers) {
    key_tuple k;
    for (const auto n : numbers) k.push_back(key_number::of(n));
    return k;
}

chunk_record chunk(std::uint64_t id, key_cut lower, key_cut upper, std::uint64_t pos) {
    chunk_record r;
    r.table = orders;
    r.id = id;
    r.range = {std::move(lower), std::move(upper)};
    r.position = at(pos);
    r.rows = 10;
    return r;
}

chunk_ledger with_table() {
    chunk_ledger ledger;
    copied_table t;
    t.source = t.target = orders;
    t.key_columns = {"id"};
    t.valid_from = at(50);
    ledger.put(t);
    return ledger;
}

}  // namespace

TEST_CASE("key numbers: signed and unsigned share one order", "[chunk_ledger]") {
    const std::int64_t least = std::numeric_limits<std::int64_t>::min();
    const std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(key_number::of(least) < key_number::of(-1));
    CHECK(key_number::of(-1) < key_number::of(0));
    CHECK(key_number::of(0) == key_number::of_unsigned(0));
    CHECK(key_number::of(most) < key_number::of_unsigned(9223372036854775808ULL));
    CHECK(key_number::of(-1) < key_number::of_unsigned(18446744073709551615ULL));
    CHECK(to_string(key_number::of(least)) == "-9223372036854775808");
    CHECK(to_string(key_number::of_unsigned(18446744073709551615ULL)) == "18446744073709551615");
    CHECK(key_number::parse("18446744073709551615") ==
          key_number::of_unsigned(18446744073709551615ULL));
    CHECK(key_number::parse("-9223372036854775808") == key_number::of(least));
    CHECK(key_number::parse("00042") == key_number::of(42));
    for (const char* bad :
         {"", "-", "1.5", "1e3", "18446744073709551616", "-9223372036854775809", "abc", "1 "}) {
        INFO(bad);
        CHECK_FALSE(key_number::parse(bad));
    }
    CHECK(key_number::from_value(value_view::make_int(-5)) == key_number::of(-5));
    CHECK(key_number::from_value(value_view::make_uint(5)) == key_number::of(5));
    CHECK(key_number::from_value(value_view::make_bytes(value_kind::text, as_bytes("7"))) ==
          key_number::of(7));
    CHECK_FALSE(key_number::from_value(value_view::make_null()));
}

TEST_CASE("cuts: prefixes stand behind everything they begin", "[chunk_ledger]") {
    const key_cut five = key_cut::after(keys({5}));
    const key_cut five_three = key_cut::after(keys({5, 3}));
    CHECK((compare(key_cut::start(), five_three) < 0));
    CHECK((compare(five_three, five) < 0));
    CHECK((compare(five, key_cut::after(keys({6, -1}))) < 0));
    CHECK((compare(five, key_cut::end()) < 0));
    CHECK((compare(key_cut::end(), key_cut::end()) == 0));
    CHECK_FALSE(is_behind(keys({5, 100}), five));
    CHECK(is_behind(keys({6, -100}), five));
    CHECK(is_behind(keys({5, 4}), five_three));
    CHECK_FALSE(is_behind(keys({5, 3}), five_three));
    CHECK(is_behind(keys({-9, 0}), key_cut::start()));
    CHECK_FALSE(is_behind(keys({9, 0}), key_cut::end()));
    for (const key_cut& c : {key_cut::start(), key_cut::end(), five, five_three})
        CHECK(parse_key_cut(to_string(c)) == c);
    CHECK_FALSE(parse_key_cut(""));
    CHECK_FALSE(parse_key_cut("1,,2"));
    CHECK_FALSE(parse_key_cut("1,x"));
}

TEST_CASE("the ledger refuses what contradicts it", "[chunk_ledger]") {
    chunk_ledger ledger = with_table();
    REQUIRE(ledger.add(chunk(1, key_cut::start(), key_cut::after(keys({10})), 100)).has_value());
    CHECK_FALSE(ledger.add(chunk(2, key_cut::after(keys({9})), key_cut::end(), 100)).has_value());
    CHECK_FALSE(ledger.add(chunk(3, key_cut::after(keys({20})), key_cut::after(keys({20})), 1))
                    .has_value());
    CHECK_FALSE(ledger.add(chunk(4, key_cut::start(), key_cut::after(keys({5})), 100)).has_value());
    chunk_record stranger = chunk(5, key_cut::start(), key_cut::end(), 1);
    stranger.table.table = "other";
    CHECK_FALSE(ledger.add(stranger).has_value());
    CHECK(ledger.add(chunk(2, key_cut::after(keys({10})), key_cut::end(), 100)).has_value());
    CHECK(ledger.complete());
    // Same id, same lower end: replaced.
    CHECK(ledger.add(chunk(2, key_cut::after(keys({10})), key_cut::after(keys({30})), 90))
              .has_value());
    CHECK_FALSE(ledger.complete());
    CHECK(ledger.find(orders)->earliest().position.pos == 90);
}

TEST_CASE("tables that are gone drop all that came before", "[chunk_ledger]") {
    chunk_ledger ledger = with_table();
    CHECK(ledger.find(orders)->position_for(keys({1})) == nullptr);
    copied_table t = ledger.find(orders)->info();
    t.state = copy_state::gone;
    t.valid_from = at(777);
    ledger.put(t);
    CHECK(ledger.complete());
    REQUIRE(ledger.find(orders)->position_for(keys({1})));
    CHECK(ledger.find(orders)->position_for(keys({1}))->position.pos == 777);
    CHECK(ledger.earliest()->position.pos == 777);
}

TEST_CASE("a table without an ordered key is one chunk", "[chunk_ledger]") {
    chunk_ledger ledger = with_table();
    chunk_record r = chunk(1, key_cut::start(), key_cut::end(), 100);
    r.done = false;
    REQUIRE(ledger.add(r).has_value());
    CHECK_FALSE(ledger.complete());
    CHECK(ledger.find(orders)->position_for({}) == nullptr);
    CHECK(ledger.find(orders)->gaps().size() == 1);
    r.done = true;
    REQUIRE(ledger.add(r).has_value());
    CHECK(ledger.complete());
    REQUIRE(ledger.find(orders)->position_for({}));
    CHECK(ledger.find(orders)->position_for({})->position.pos == 100);
}

// Model: a key space of pairs in [0,7) x [0,5), each key has the position that covers it, or none.
TEST_CASE("property: random chunks against a plain model", "[chunk_ledger]") {
    std::mt19937 random(20260101);
    for (int round = 0; round < 300; ++round) {
        std::vector<key_cut> cuts{key_cut::start(), key_cut::end()};
        for (int i = 0; i < 8; ++i) {
            const auto a = static_cast<std::int64_t>(random() % 7);
            const auto b = static_cast<std::int64_t>(random() % 5);
            cuts.push_back(key_cut::after(random() % 3 == 0 ? keys({a}) : keys({a, b})));
        }
        std::sort(cuts.begin(), cuts.end(), [](const key_cut& x, const key_cut& y) {
            return compare(x, y) < 0;
        });
        cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
        std::vector<chunk_record> wanted;
        for (std::size_t i = 0; i + 1 < cuts.size(); ++i)
            if (random() % 4 != 0)
                wanted.push_back(chunk(i + 1, cuts[i], cuts[i + 1], 100 + random() % 3));
        std::shuffle(wanted.begin(), wanted.end(), random);
        chunk_ledger ledger = with_table();
        for (const chunk_record& r : wanted) REQUIRE(ledger.add(r).has_value());
        const table_chunks& chunks = *ledger.find(orders);

        std::optional<std::uint64_t> low, high;
        for (const chunk_record& r : wanted) {
            low = std::min(low.value_or(r.position.position.pos), r.position.position.pos);
            high = std::max(high.value_or(r.position.position.pos), r.position.position.pos);
        }
        if (low) {
            CHECK(chunks.earliest().position.pos == *low);
            CHECK(chunks.latest().position.pos == *high);
            CHECK(chunks.uniform() == (*low == *high));
        }
        const auto gaps = chunks.gaps();
        CHECK(chunks.complete() == gaps.empty());
        for (std::int64_t a = -1; a < 8; ++a) {
            for (std::int64_t b = -1; b < 6; ++b) {
                const key_tuple key = keys({a, b});
                const chunk_record* owner = nullptr;
                for (const chunk_record& r : wanted)
                    if (is_behind(key, r.range.lower) && !is_behind(key, r.range.upper)) owner = &r;
                const location* found = chunks.position_for(key);
                REQUIRE((found != nullptr) == (owner != nullptr));
                if (owner) CHECK(found->position.pos == owner->position.position.pos);
                const auto in_gap = std::count_if(
                    gaps.begin(), gaps.end(), [&](const key_range& g) { return g.contains(key); });
                CHECK(in_gap == (owner ? 0 : 1));
            }
        }
        // Merging changes no answer.
        chunk_ledger merged = with_table();
        for (const chunk_record& r : chunks.records()) REQUIRE(merged.add(r).has_value());
        for (const chunk_merge& m : merge_neighbours(chunks.records())) {
            for (const std::uint64_t id : m.replaced) merged.erase_chunk(orders, id);
            REQUIRE(merged.add(m.merged).has_value());
        }
        CHECK(merge_neighbours(merged.find(orders)->records()).empty());
        CHECK(merged.rows() == ledger.rows());
        for (std::int64_t a = -1; a < 8; ++a) {
            for (std::int64_t b = -1; b < 6; ++b) {
                const key_tuple key = keys({a, b});
                const location* x = chunks.position_for(key);
                const location* y = merged.find(orders)->position_for(key);
                REQUIRE((x == nullptr) == (y == nullptr));
                if (x) CHECK(*x == *y);
            }
        }
    }
}
