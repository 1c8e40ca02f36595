#include "executor/weights/safetensors_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace galvatron {
namespace {

constexpr std::size_t kAlignment = 8;  // of the first data byte

[[noreturn]] void throw_errno(const char* call, const std::string& path) {
  throw std::system_error(errno, std::generic_category(), fmt::format("{} {}", call, path));
}

// In the order of the reference implementation, offsets relative to the data. All elements have
// one size, so only the names decide.
std::vector<TensorEntry> place_tensors(const std::vector<NewTensor>& tensors) {
  std::vector<TensorEntry> entries;
  entries.reserve(tensors.size());
  for (const NewTensor& tensor : tensors) {
    entries.push_back({.name = tensor.name, .type = ElementType::f32, .shape = tensor.shape});
  }
  std::sort(entries.begin(), entries.end(),
            [](const TensorEntry& a, const TensorEntry& b) { return a.name < b.name; });
  std::int64_t offset = 0;
  for (TensorEntry& entry : entries) {
    entry.begin = offset;
    entry.end = offset += element_count(entry.shape) * element_bytes(entry.type);
  }
  return entries;
}

// The first bytes of the file, up to the data.
std::string format_header(std::span<const TensorEntry> tensors) {
  // Hugging Face refuses files that name another format.
  std::string json = R"({"__metadata__":{"format":"pt"})";
  for (const TensorEntry& tensor : tensors) {
    json += fmt::format(R"(,{}:{{"dtype":"{}","shape":[{}],"data_offsets":[{},{}]}})",
                        nlohmann::json(tensor.name).dump(), name_of(kElementTypeNames, tensor.type),
                        fmt::join(tensor.shape, ","), tensor.begin, tensor.end);
  }
  json += '}';
  json.append((kAlignment - json.size() % kAlignment) % kAlignment, ' ');
  const std::uint64_t length = json.size();
  std::string header(sizeof length, '\0');
  for (std::size_t i = 0; i < sizeof length; ++i) {
    header[i] = static_cast<char>((length >> (8 * i)) & 0xFFU);
  }
  return header + json;
}

void sync_folder(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_errno("open", folder);
  const int failed = fsync(descriptor);
  close(descriptor);
  if (failed != 0) throw_errno("fsync", folder);
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(std::string path, const std::vector<NewTensor>& tensors)
    : path_(std::move(path)) {
  std::vector<TensorEntry> entries = place_tensors(tensors);
  const std::string header = format_header(entries);
  for (TensorEntry& entry : entries) {
    entry.begin += static_cast<std::int64_t>(header.size());
    entry.end += static_cast<std::int64_t>(header.size());
    tensors_.push_back({.tensor = std::move(entry)});
  }
  descriptor_ = open(partial_path().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_errno("open", partial_path());
  write_at(0, std::as_bytes(std::span(header)));
}

SafetensorsWriter::~SafetensorsWriter() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  unlink(partial_path().c_str());
}

void SafetensorsWriter::write_at(std::int64_t offset, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("write", partial_path());
    bytes = bytes.subspan(static_cast<std::size_t>(count));
    offset += count;
  }
}

void SafetensorsWriter::write(std::string_view name, std::span<const ElementRange> ranges,
                              std::span<const float> values) {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [name](const Progress& entry) {
    return entry.tensor.name == name;
  });
  if (found == tensors_.end()) {
    throw std::logic_error(fmt::format("{} has no tensor \"{}\"", path_, name));
  }
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(float));
  for (const ElementRange& range : ranges) {
    const auto count = static_cast<std::size_t>(element_count(range));
    assert(count <= values.size() && found->tensor.begin + range.end * kSize <= found->tensor.end);
    write_at(found->tensor.begin + range.begin * kSize, std::as_bytes(values.first(count)));
    values = values.subspan(count);
  }
  found->written += element_count(ranges);
}

void SafetensorsWriter::finish() {
  for (const auto& [tensor, written] : tensors_) {
    const std::int64_t expected = element_count(tensor.shape);
    if (written != expected) {
      throw std::logic_error(fmt::format("{}: tensor \"{}\" has {} elements, {} were written",
                                         path_, tensor.name, expected, written));
    }
  }
  if (fsync(descriptor_) != 0) throw_errno("fsync", partial_path());
  if (rename(partial_path().c_str(), path_.c_str()) != 0) throw_errno("rename", partial_path());
  close(std::exchange(descriptor_, -1));
  sync_folder(path_);
}

}  // namespace galvatron
