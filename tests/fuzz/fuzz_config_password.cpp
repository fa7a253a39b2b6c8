// Any text as an encrypted password, a key file and a plain password: an error or the text that was
// encrypted, never a crash, never another password.
#include <dmlib/config/password.hpp>
#include <dmlib/core/bytes.hpp>

using namespace dmlib;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const secret key = *config::read_password_key(std::string(64, 'a'));
    const std::string_view text = as_text({data, size});
    (void)config::read_password_key(text);
    const bool ours = config::is_encrypted_password(text);
    // Without the key nobody writes a text that this key opens.
    if (const auto plain = config::decrypt_password(text, key); plain && !ours) __builtin_trap();
    if (ours && config::decrypt_password(text, key)) __builtin_trap();
    if (const auto plain = config::decrypt_dm_password(text, key)) {
        if (plain->reveal().size() > text.size()) __builtin_trap();
    }
    (void)config::looks_like_dm_password(text);
    auto made = config::encrypt_password(secret(std::string(text)), key);
    if (!made) return 0;
    const auto back = config::decrypt_password(*made, key);
    if (!back || back->reveal() != text) __builtin_trap();
    if (size == 0) return 0;
    // One bit changed anywhere is found.
    std::string damaged = *made;
    const std::size_t at =
        config::encrypted_mark.size() + data[0] % (damaged.size() - config::encrypted_mark.size());
    damaged[at] = damaged[at] == 'A' ? 'B' : 'A';
    const auto wrong = config::decrypt_password(damaged, key);
    if (wrong && wrong->reveal() != text) __builtin_trap();
    return 0;
}
