// Files appear whole or not at all.
#pragma once

#include <string>
#include <string_view>

namespace galvatron {

// Writes a temporary file beside `path`, flushes it to the disk, then renames it into place. A
// symbolic link is followed; anything else that is no regular file is refused, not replaced.
//
// Throws std::system_error with the path and the failed call; an existing file is then unchanged
// and the temporary file is gone.
void write_atomically(const std::string& path, std::string_view text);

// Throws as write_atomically does where no file can be created there: before work that takes long.
void check_writable(const std::string& path);

}  // namespace galvatron
