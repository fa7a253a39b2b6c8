#pragma once

#include <dmlib/binlog/decoder.hpp>
#include <dmlib/binlog/impl/internal/decoder_state.hpp>

namespace dmlib {
inline namespace DMLIB_ABI {
namespace binlog {

struct decoder::state : internal::decoder_state {
    using decoder_state::decoder_state;
};

DMLIB_DECL decoder::decoder(decoder_options options) : state_(std::make_unique<state>(options)) {
}
DMLIB_DECL decoder::~decoder() = default;
DMLIB_DECL decoder::decoder(decoder&&) noexcept = default;
DMLIB_DECL decoder& decoder::operator=(decoder&&) noexcept = default;

DMLIB_DECL void decoder::start_at(std::string file, std::uint64_t pos) {
    state_->position.file = std::move(file);
    state_->position.pos = pos;
}

DMLIB_DECL result<const event*> decoder::push(byte_view bytes) {
    return state_->push(bytes, std::nullopt);
}

DMLIB_DECL result<const event*> decoder::push(byte_view bytes, std::uint64_t start_offset) {
    return state_->push(bytes, start_offset);
}

DMLIB_DECL result<const event*> decoder::next_inner() {
    return state_->next_inner();
}

DMLIB_DECL void decoder::ignore_rows(const table_map& table) {
    state_->maps.ignore(table);
}

DMLIB_DECL void decoder::reset_transaction() {
    state_->payload.stop();
    state_->fragments.stop();
    state_->maps.end_statement();
    state_->fault.reset();
}

DMLIB_DECL flavor decoder::dialect() const noexcept {
    return state_->dialect;
}
DMLIB_DECL checksum_algorithm decoder::checksum() const noexcept {
    return state_->checksum;
}
DMLIB_DECL const std::string& decoder::server_version() const noexcept {
    return state_->server_version;
}
DMLIB_DECL const binlog_position& decoder::position() const noexcept {
    return state_->position;
}

}  // namespace binlog
}  // namespace DMLIB_ABI
}  // namespace dmlib
