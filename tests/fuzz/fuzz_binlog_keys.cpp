// Key files from anybody: keys of a size that a cipher takes, or a fault. Also the file that such
// keys are to open.
#include <dmlib/binlog/file_reader.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    // The first two bytes split the input into a key file and a binlog file.
    const std::size_t split = (data[0] + data[1] * 256u) % (size - 1);
    const byte_view all{data + 2, size - 2};
    auto keys = binlog::read_key_file(all.first(std::min(split, all.size())));
    if (!keys) return 0;
    for (const auto& key : *keys) {
        if (key.bytes.size() != 16 && key.bytes.size() != 24 && key.bytes.size() != 32) {
            __builtin_trap();
        }
    }
    binlog::file_reader_options options;
    options.decoding.verify_checksum = false;
    options.decoding.max_event_size = 1 << 20;
    options.keys = *keys;
    binlog::file_reader reader(std::move(options));
    reader.feed(all.subspan(std::min(split, all.size())));
    for (;;) {
        auto e = reader.next();
        if (!e || *e == nullptr) return 0;
    }
}
