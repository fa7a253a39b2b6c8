// A binlog file from anybody: it may be refused, it may not crash, hang or eat memory. Checksums
// are not verified, so that changed bytes get past the door.
#include <dmlib/binlog/file_printer.hpp>

using namespace dmlib;

namespace {
std::size_t print(byte_view file, std::size_t piece, bool json) {
    binlog::file_printer_options options;
    options.reading.decoding.verify_checksum = false;
    options.reading.decoding.is_file = true;
    options.reading.decoding.max_event_size = 1 << 20;
    options.json = json;
    std::size_t written = 0;
    binlog::file_printer printer(options, [&](std::string_view text) { written += text.size(); });
    while (!file.empty()) {
        const std::size_t n = std::min(piece, file.size());
        if (!printer.feed(file.first(n))) break;
        file = file.subspan(n);
    }
    printer.finish();
    return written;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const byte_view file{data + 1, size - 1};
    // The first byte chooses the pieces; the result may not depend on them.
    const std::size_t piece = data[0] == 0 ? 1 : std::size_t{data[0]} * 16;
    if (print(file, piece, true) != print(file, file.size(), true)) __builtin_trap();
    print(file, piece, false);
    return 0;
}
