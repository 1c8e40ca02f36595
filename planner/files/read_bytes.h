// The bytes of one input file, read defensively, before anybody asks what they say.
#pragma once

#include <cstdint>
#include <string>

namespace galvatron {

// Reads a regular file of at most `limit` bytes. Never blocks on a FIFO or a device.
//
// Throws SpecError if the file cannot be read, is no regular file or is too large.
std::string read_bytes(const std::string& path, std::int64_t limit);

}  // namespace galvatron
