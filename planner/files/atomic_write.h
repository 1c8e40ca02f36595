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

// Throws like write_atomically where it is clear beforehand that it would: no such folder, one that
// may not be written to, or something at `path` that is no regular file.
void require_writable(const std::string& path);

}  // namespace galvatron
