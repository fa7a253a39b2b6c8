#pragma once

#include <dmlib/model/position.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

namespace dmlib {
inline namespace DMLIB_ABI {

namespace internal {

inline int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline bool is_gtid_space(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

inline error bad_gtid_set(std::string_view text, std::string_view why) {
    std::string shown(text.substr(0, 200));
    if (text.size() > shown.size()) shown += "...";
    return error(errc::sync_position,
                 "'" + shown + "' is not a GTID set: " + std::string(why) + ".");
}

// Adds [first, end) to a sorted, merged list of half-open intervals.
inline void add_interval(std::vector<mysql_gtid_set::interval>& list,
                         std::int64_t first,
                         std::int64_t end) {
    auto at = std::lower_bound(
        list.begin(), list.end(), first, [](const auto& i, std::int64_t f) { return i.end < f; });
    if (at == list.end() || at->first > end) {
        list.insert(at, mysql_gtid_set::interval{first, end});
        return;
    }
    at->first = std::min(at->first, first);
    at->end = std::max(at->end, end);
    auto last = at + 1;
    while (last != list.end() && last->first <= at->end) {
        at->end = std::max(at->end, last->end);
        ++last;
    }
    list.erase(at + 1, last);
}

// Reads uuid:tag:1-3:5 texts. Spaces were removed before.
class gtid_text_reader {
public:
    explicit gtid_text_reader(std::string_view text) : rest_(text) {}
    bool at_end() const noexcept { return rest_.empty(); }
    bool eat(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view word() noexcept {
        const std::size_t n = std::min(rest_.find_first_of(":,"), rest_.size());
        const std::string_view w = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return w;
    }

private:
    std::string_view rest_;
};

inline bool read_gtid_number(std::string_view text, std::int64_t& out) noexcept {
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
    return ec == std::errc{} && end == text.data() + text.size() && out > 0 &&
           out < std::numeric_limits<std::int64_t>::max();
}

// "5" or "5-9" as a half-open interval.
inline bool read_gtid_interval(std::string_view word, mysql_gtid_set::interval& out) noexcept {
    const std::size_t dash = word.find('-');
    if (!read_gtid_number(word.substr(0, dash), out.first)) return false;
    std::int64_t last = out.first;
    if (dash != std::string_view::npos && !read_gtid_number(word.substr(dash + 1), last)) {
        return false;
    }
    out.end = last + 1;
    return last >= out.first;
}

// A tag in lower case; empty where the word is none.
inline std::string read_gtid_tag(std::string_view word) {
    std::string tag;
    if (word.empty() || word.size() > 32) return tag;
    for (char c : word) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool letter = (c >= 'a' && c <= 'z') || c == '_';
        const bool digit = c >= '0' && c <= '9' && !tag.empty();
        if (!letter && !digit) return {};
        tag.push_back(c);
    }
    return tag;
}

// MySQL's variable-length integer for the lengths of tags: the number of trailing one bits of the
// first byte is the number of bytes that follow.
inline std::uint64_t read_varlen(byte_cursor& in) noexcept {
    const std::uint8_t first = in.u8();
    int more = 0;
    while (more < 8 && ((first >> more) & 1) != 0) ++more;
    if (more == 0) return std::uint64_t{first} >> 1;
    if (more == 8) return in.u64();
    std::uint64_t high = in.le(static_cast<std::size_t>(more));
    return (std::uint64_t{first} >> (more + 1)) | (high << (7 - more));
}

inline void append_le(std::string& out, std::uint64_t v, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>((v >> (8 * i)) & 0xff));
}

}  // namespace internal

DMLIB_DECL std::string to_string(const uuid& id) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(36);
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
        out.push_back(digits[id[i] >> 4]);
        out.push_back(digits[id[i] & 15]);
    }
    return out;
}

DMLIB_DECL std::optional<uuid> parse_uuid(std::string_view text) {
    // The server takes it with its dashes, without them, and in braces.
    if (text.size() >= 2 && text.front() == '{' && text.back() == '}') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.size() != 36 && text.size() != 32) return std::nullopt;
    const bool dashes = text.size() == 36;
    uuid id{};
    std::size_t p = 0;
    for (std::size_t i = 0; i < id.size(); ++i) {
        if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text[p++] != '-') {
            return std::nullopt;
        }
        const int high = internal::hex_digit(text[p]);
        const int low = internal::hex_digit(text[p + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id[i] = static_cast<std::uint8_t>(high * 16 + low);
        p += 2;
    }
    return id;
}

DMLIB_DECL std::string to_string(const gtid& g) {
    if (const auto* m = std::get_if<mysql_gtid>(&g)) {
        std::string out = to_string(m->sid) + ":";
        if (!m->tag.empty()) out += m->tag + ":";
        return out + std::to_string(m->number);
    }
    if (const auto* m = std::get_if<mariadb_gtid>(&g)) {
        return std::to_string(m->domain) + "-" + std::to_string(m->server) + "-" +
               std::to_string(m->sequence);
    }
    return {};
}

DMLIB_DECL result<mysql_gtid_set> mysql_gtid_set::parse(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    for (const char c : text) {
        if (!internal::is_gtid_space(c)) plain.push_back(c);
    }
    mysql_gtid_set set;
    internal::gtid_text_reader in(plain);
    while (!in.at_end()) {
        if (in.eat(',')) continue;  // the server takes empty members
        const auto id = parse_uuid(in.word());
        if (!id) return internal::bad_gtid_set(text, "a member does not begin with a UUID");
        std::string tag;
        bool any = false;
        while (in.eat(':')) {
            const std::string_view word = in.word();
            interval range;
            if (internal::read_gtid_interval(word, range)) {
                internal::add_interval(set.sets_[{*id, tag}], range.first, range.end);
                any = true;
                continue;
            }
            tag = internal::read_gtid_tag(word);
            any = false;
            if (tag.empty()) {
                return internal::bad_gtid_set(
                    text, "'" + std::string(word) + "' is neither an interval nor a tag");
            }
        }
        if (!any) return internal::bad_gtid_set(text, "a UUID or tag has no interval");
        if (!in.at_end() && !in.eat(',')) {
            return internal::bad_gtid_set(text, "a comma is missing");
        }
    }
    return set;
}

DMLIB_DECL result<mysql_gtid_set> mysql_gtid_set::decode(byte_view body) {
    byte_cursor in(body);
    const std::uint64_t head = in.u64();
    // Tagged: the format's number 1 stands in the first and in the last byte around the count.
    const bool tagged = (head >> 56) == 1 && (head & 0xff) == 1;
    const std::uint64_t entries = tagged ? (head >> 8) & 0xffffffffffffULL : head;
    mysql_gtid_set set;
    for (std::uint64_t e = 0; e < entries && in.ok(); ++e) {
        uuid id{};
        const byte_view raw = in.bytes(id.size());
        if (!in.ok()) break;
        std::copy(raw.begin(), raw.end(), id.begin());
        std::string tag;
        if (tagged) {
            const std::string_view raw_tag = in.text(internal::read_varlen(in));
            tag = internal::read_gtid_tag(raw_tag);
            if (tag.empty() != raw_tag.empty()) in.fail();
        }
        const std::uint64_t count = in.u64();
        if (count > in.remaining() / 16) in.fail();
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
            const auto first = static_cast<std::int64_t>(in.u64());
            const auto end = static_cast<std::int64_t>(in.u64());
            if (!in.ok()) break;
            if (first < 1 || end <= first) {
                in.fail();
                break;
            }
            internal::add_interval(set.sets_[{id, tag}], first, end);
        }
    }
    if (!in.ok() || !in.at_end()) {
        return error(errc::binlog_corrupt,
                     "A GTID set in the binlog does not follow its own counts.");
    }
    return set;
}

DMLIB_DECL std::string mysql_gtid_set::encode() const {
    const bool tagged = std::any_of(
        sets_.begin(), sets_.end(), [](const auto& s) { return !s.first.second.empty(); });
    std::string out;
    std::uint64_t head = sets_.size();
    if (tagged) head = (std::uint64_t{1} << 56) | (head << 8) | 1;
    internal::append_le(out, head, 8);
    for (const auto& [k, list] : sets_) {
        out.append(reinterpret_cast<const char*>(k.first.data()), k.first.size());
        if (tagged) {
            // At most 32 characters: one byte of length, its lowest bit 0.
            internal::append_le(out, k.second.size() << 1, 1);
            out += k.second;
        }
        internal::append_le(out, list.size(), 8);
        for (const interval& i : list) {
            internal::append_le(out, static_cast<std::uint64_t>(i.first), 8);
            internal::append_le(out, static_cast<std::uint64_t>(i.end), 8);
        }
    }
    return out;
}

DMLIB_DECL void mysql_gtid_set::add(const mysql_gtid& g) {
    if (g.number < 1) return;  // 0 = no GTID (anonymous)
    internal::add_interval(sets_[{g.sid, g.tag}], g.number, g.number + 1);
}

DMLIB_DECL void mysql_gtid_set::add(const mysql_gtid_set& other) {
    if (this == &other) return;
    for (const auto& [k, list] : other.sets_) {
        auto& mine = sets_[k];
        for (const interval& i : list) internal::add_interval(mine, i.first, i.end);
    }
}

DMLIB_DECL void mysql_gtid_set::subtract(const mysql_gtid_set& other) {
    if (this == &other) {
        sets_.clear();
        return;
    }
    for (const auto& [k, cuts] : other.sets_) {
        const auto mine = sets_.find(k);
        if (mine == sets_.end()) continue;
        std::vector<interval> left;
        auto cut = cuts.begin();
        for (interval i : mine->second) {
            while (cut != cuts.end() && cut->end <= i.first) ++cut;
            for (auto c = cut; c != cuts.end() && c->first < i.end; ++c) {
                if (c->first > i.first) left.push_back(interval{i.first, c->first});
                i.first = std::max(i.first, c->end);
            }
            if (i.first < i.end) left.push_back(i);
        }
        if (left.empty()) {
            sets_.erase(mine);
        } else {
            mine->second = std::move(left);
        }
    }
}

DMLIB_DECL mysql_gtid_set mysql_gtid_set::intersect(const mysql_gtid_set& other) const {
    mysql_gtid_set only_mine = *this;
    only_mine.subtract(other);
    mysql_gtid_set both = *this;
    both.subtract(only_mine);
    return both;
}

DMLIB_DECL bool mysql_gtid_set::contains(const mysql_gtid& g) const {
    const auto at = sets_.find({g.sid, g.tag});
    if (at == sets_.end()) return false;
    const auto& list = at->second;
    const auto i =
        std::upper_bound(list.begin(), list.end(), g.number, [](std::int64_t n, const interval& x) {
            return n < x.end;
        });
    return i != list.end() && i->first <= g.number;
}

DMLIB_DECL bool mysql_gtid_set::contains(const mysql_gtid_set& other) const {
    for (const auto& [k, list] : other.sets_) {
        const auto at = sets_.find(k);
        if (at == sets_.end()) return false;
        auto mine = at->second.begin();
        for (const interval& i : list) {
            while (mine != at->second.end() && mine->end < i.end) ++mine;
            if (mine == at->second.end() || mine->first > i.first) return false;
        }
    }
    return true;
}

DMLIB_DECL std::uint64_t mysql_gtid_set::count() const {
    std::uint64_t n = 0;
    for (const auto& [k, list] : sets_) {
        for (const interval& i : list) n += static_cast<std::uint64_t>(i.end - i.first);
    }
    return n;
}

DMLIB_DECL std::string mysql_gtid_set::to_string() const {
    std::string out;
    const uuid* before = nullptr;
    for (const auto& [k, list] : sets_) {
        if (before == nullptr || *before != k.first) {
            if (before != nullptr) out += ",";
            out += dmlib::to_string(k.first);
        }
        before = &k.first;
        if (!k.second.empty()) out += ":" + k.second;
        for (const interval& i : list) {
            out += ":" + std::to_string(i.first);
            if (i.end - 1 > i.first) out += "-" + std::to_string(i.end - 1);
        }
    }
    return out;
}

DMLIB_DECL result<mariadb_gtid_set> mariadb_gtid_set::parse(std::string_view text) {
    mariadb_gtid_set set;
    std::string plain;
    for (const char c : text) {
        if (!internal::is_gtid_space(c)) plain.push_back(c);
    }
    std::string_view rest(plain);
    while (!rest.empty()) {
        const std::size_t n = std::min(rest.find(','), rest.size());
        const std::string_view word = rest.substr(0, n);
        rest.remove_prefix(std::min(n + 1, rest.size()));
        if (word.empty()) continue;
        mariadb_gtid g;
        const char* const end = word.data() + word.size();
        auto [p, ec] = std::from_chars(word.data(), end, g.domain);
        bool good = ec == std::errc{} && p != end && *p == '-';
        if (good) {
            const auto second = std::from_chars(p + 1, end, g.server);
            good = second.ec == std::errc{} && second.ptr != end && *second.ptr == '-';
            p = second.ptr;
        }
        if (good) {
            const auto third = std::from_chars(p + 1, end, g.sequence);
            good = third.ec == std::errc{} && third.ptr == end;
        }
        if (!good) {
            return internal::bad_gtid_set(
                text, "'" + std::string(word) + "' is not domain-server-sequence");
        }
        set.add(g);
    }
    return set;
}

DMLIB_DECL result<mariadb_gtid_set> mariadb_gtid_set::decode(byte_view body) {
    byte_cursor in(body);
    const std::uint32_t count = in.u32() & 0x0fffffffU;  // the upper four bits are flags
    mariadb_gtid_set set;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        mariadb_gtid g;
        g.domain = in.u32();
        g.server = in.u32();
        g.sequence = in.u64();
        if (in.ok()) set.add(g);
    }
    // A list without members is padded by two zero bytes.
    const bool padding = count == 0 && in.remaining() == 2;
    if (!in.ok() || (!in.at_end() && !padding)) {
        return error(errc::binlog_corrupt, "A GTID list in the binlog does not follow its count.");
    }
    return set;
}

DMLIB_DECL void mariadb_gtid_set::add(const mariadb_gtid& g) {
    domain_state& d = last_[g.domain];
    d.by_server[g.server] = g.sequence;
    d.last_server = g.server;
}

DMLIB_DECL void mariadb_gtid_set::add(const mariadb_gtid_set& other) {
    for (const auto& [domain, theirs] : other.last_) {
        const mariadb_gtid last{
            domain, theirs.last_server, theirs.by_server.at(theirs.last_server)};
        const bool behind = contains(last);
        domain_state& mine = last_[domain];
        for (const auto& [server, sequence] : theirs.by_server) {
            std::uint64_t& s = mine.by_server[server];
            s = std::max(s, sequence);
        }
        if (!behind) mine.last_server = theirs.last_server;
    }
}

DMLIB_DECL bool mariadb_gtid_set::contains(const mariadb_gtid& g) const {
    const auto d = last_.find(g.domain);
    if (d == last_.end()) return false;
    if (g.sequence <= d->second.by_server.at(d->second.last_server)) return true;
    const auto s = d->second.by_server.find(g.server);
    return s != d->second.by_server.end() && g.sequence <= s->second;
}

DMLIB_DECL bool mariadb_gtid_set::contains(const mariadb_gtid_set& other) const {
    for (const auto& [domain, d] : other.last_) {
        for (const auto& [server, sequence] : d.by_server) {
            if (!contains(mariadb_gtid{domain, server, sequence})) return false;
        }
    }
    return true;
}

DMLIB_DECL void mariadb_gtid_set::subtract(const mariadb_gtid_set& other) {
    mariadb_gtid_set left;
    for (const auto& [domain, d] : last_) {
        const auto keep = [&, domain = domain](std::uint32_t server, std::uint64_t sequence) {
            const mariadb_gtid g{domain, server, sequence};
            if (!other.contains(g)) left.add(g);
        };
        for (const auto& [server, sequence] : d.by_server) {
            if (server != d.last_server) keep(server, sequence);
        }
        keep(d.last_server, d.by_server.at(d.last_server));
    }
    *this = std::move(left);
}

DMLIB_DECL mariadb_gtid_set mariadb_gtid_set::intersect(const mariadb_gtid_set& other) const {
    mariadb_gtid_set both;
    for (const auto& [domain, d] : last_) {
        const auto theirs = other.last_.find(domain);
        if (theirs == other.last_.end()) continue;
        const mariadb_gtid mine{domain, d.last_server, d.by_server.at(d.last_server)};
        const domain_state& t = theirs->second;
        both.add(other.contains(mine)
                     ? mine
                     : mariadb_gtid{domain, t.last_server, t.by_server.at(t.last_server)});
    }
    return both;
}

DMLIB_DECL std::string mariadb_gtid_set::to_string() const {
    std::string out;
    const auto put = [&out](std::uint32_t domain, std::uint32_t server, std::uint64_t sequence) {
        if (!out.empty()) out += ",";
        out += dmlib::to_string(gtid(mariadb_gtid{domain, server, sequence}));
    };
    for (const auto& [domain, d] : last_) {
        // As the server does, the domain's last one comes last: parse() finds it by this.
        for (const auto& [server, sequence] : d.by_server) {
            if (server != d.last_server) put(domain, server, sequence);
        }
        put(domain, d.last_server, d.by_server.at(d.last_server));
    }
    return out;
}

DMLIB_DECL bool mariadb_gtid_set::shares_domain(const mariadb_gtid_set& other) const {
    return std::any_of(last_.begin(), last_.end(), [&](const auto& domain) {
        return other.last_.contains(domain.first);
    });
}

DMLIB_DECL std::string mariadb_gtid_set::connect_state() const {
    std::string out;
    for (const auto& [domain, d] : last_) {
        if (!out.empty()) out += ",";
        out += dmlib::to_string(
            gtid(mariadb_gtid{domain, d.last_server, d.by_server.at(d.last_server)}));
    }
    return out;
}

DMLIB_DECL result<gtid_set> gtid_set::parse(flavor f, std::string_view text) {
    if (f == flavor::mysql) {
        auto set = mysql_gtid_set::parse(text);
        if (!set) return set.error();
        return gtid_set(std::move(*set));
    }
    auto set = mariadb_gtid_set::parse(text);
    if (!set) return set.error();
    return gtid_set(std::move(*set));
}

DMLIB_DECL bool gtid_set::empty() const noexcept {
    if (const auto* m = mysql()) return m->empty();
    if (const auto* m = mariadb()) return m->empty();
    return true;
}

DMLIB_DECL void gtid_set::add(const gtid& g) {
    if (const auto* id = std::get_if<mysql_gtid>(&g)) {
        if (empty() && mysql() == nullptr) set_ = mysql_gtid_set();
        if (auto* s = std::get_if<mysql_gtid_set>(&set_)) s->add(*id);
    } else if (const auto* pos = std::get_if<mariadb_gtid>(&g)) {
        if (empty() && mariadb() == nullptr) set_ = mariadb_gtid_set();
        if (auto* s = std::get_if<mariadb_gtid_set>(&set_)) s->add(*pos);
    }
}

DMLIB_DECL bool gtid_set::contains(const gtid& g) const {
    if (const auto* id = std::get_if<mysql_gtid>(&g)) return mysql() && mysql()->contains(*id);
    if (const auto* id = std::get_if<mariadb_gtid>(&g))
        return mariadb() && mariadb()->contains(*id);
    return true;
}

DMLIB_DECL bool gtid_set::contains(const gtid_set& other) const {
    if (other.empty()) return true;
    if (mysql() && other.mysql()) return mysql()->contains(*other.mysql());
    if (mariadb() && other.mariadb()) return mariadb()->contains(*other.mariadb());
    return false;
}

DMLIB_DECL std::string gtid_set::to_string() const {
    if (const auto* m = mysql()) return m->to_string();
    if (const auto* m = mariadb()) return m->to_string();
    return {};
}

}  // namespace DMLIB_ABI
}  // namespace dmlib
