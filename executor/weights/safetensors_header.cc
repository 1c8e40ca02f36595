#include "executor/weights/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "executor/weights/element_range.h"
#include "executor/weights/refuse_file.h"
#include "planner/files/document.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

constexpr std::int64_t kLengthBytes = 8;
constexpr std::string_view kMetadata = "__metadata__";

[[noreturn]] void refuse(const Source& source, std::size_t offset, std::string message) {
  throw SpecError(diagnose(source, offset, {"bad_safetensors", std::move(message), ""}));
}

std::string header_text(const std::string& path, std::span<const std::byte> file) {
  const auto size = static_cast<std::int64_t>(file.size());
  if (size < kLengthBytes) {
    refuse_file(path, "truncated_file",
                fmt::format("must begin with the 8-byte length of its header, has {} bytes", size));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  if (length > static_cast<std::uint64_t>(kLongestHeader)) {
    refuse_file(path, "bad_safetensors",
                fmt::format("the header must have at most {} bytes, its length says {}",
                            kLongestHeader, length));
  }
  if (static_cast<std::int64_t>(length) > size - kLengthBytes) {
    refuse_file(path, "truncated_file",
                fmt::format("the header must have {} bytes, the file ends after {} of them", length,
                            size - kLengthBytes));
  }
  const auto header = file.subspan(kLengthBytes, length);
  std::string text(header.size(), ' ');
  std::transform(header.begin(), header.end(), text.begin(),
                 [](std::byte byte) { return std::to_integer<char>(byte); });
  return text;
}

std::int64_t read_count(const Source& source, const Node& node, std::string_view what) {
  std::int64_t value = -1;
  const char* const end = node.text.data() + node.text.size();
  const auto [rest, error] = std::from_chars(node.text.data(), end, value);
  if (node.kind != Node::Kind::plain || error != std::errc{} || rest != end || value < 0) {
    refuse(source, node.offset,
           fmt::format("{} must be a whole number, got {}", what, describe(node)));
  }
  return value;
}

std::vector<std::int64_t> read_counts(const Source& source, const Node& node,
                                      std::string_view what) {
  if (node.kind != Node::Kind::sequence) {
    refuse(source, node.offset, fmt::format("{} must be a list, got {}", what, describe(node)));
  }
  std::vector<std::int64_t> counts;
  for (const Node& item : node.items) counts.push_back(read_count(source, item, what));
  return counts;
}

ElementType read_type(const Source& source, const Node& node) {
  const auto type = node.kind == Node::Kind::quoted ? value_of(kElementTypeNames, node.text)
                                                    : std::optional<ElementType>{};
  if (!type) {
    refuse(source, node.offset, fmt::format("unknown dtype {}", describe(node)));
  }
  return *type;
}

// Bytes of a tensor, or nothing if they do not fit into 63 bits.
std::optional<std::int64_t> byte_count(ElementType type, std::span<const std::int64_t> shape) {
  std::int64_t count = element_bytes(type);
  for (const std::int64_t extent : shape) {
    if (__builtin_mul_overflow(count, extent, &count)) return std::nullopt;
  }
  return count;
}

const Node& required(const Source& source, const MapEntry& tensor, std::string_view key) {
  const Node* const value = find(tensor.value, key);
  if (value == nullptr) {
    refuse(source, tensor.offset,
           fmt::format("tensor \"{}\" must have the key \"{}\"", tensor.key, key));
  }
  return *value;
}

// Offsets stay relative to the data; the caller moves them.
TensorEntry read_tensor(const Source& source, const MapEntry& tensor) {
  if (tensor.value.kind != Node::Kind::map) {
    refuse(source, tensor.value.offset,
           fmt::format("tensor \"{}\" must be a map, got {}", tensor.key, describe(tensor.value)));
  }
  for (const MapEntry& entry : tensor.value.entries) {
    if (entry.key != "dtype" && entry.key != "shape" && entry.key != "data_offsets") {
      refuse(source, entry.offset, fmt::format("unknown key \"{}\"", entry.key));
    }
  }
  const Node& place = required(source, tensor, "data_offsets");
  const auto offsets = read_counts(source, place, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1]) {
    refuse(source, place.offset,
           fmt::format("data_offsets must be [begin, end], got {}", shape_text(offsets)));
  }
  TensorEntry entry{.name = tensor.key,
                    .type = read_type(source, required(source, tensor, "dtype")),
                    .shape = read_counts(source, required(source, tensor, "shape"), "shape"),
                    .begin = offsets[0],
                    .end = offsets[1]};
  const auto bytes = byte_count(entry.type, entry.shape);
  if (bytes != entry.end - entry.begin) {
    refuse(source, place.offset,
           fmt::format("tensor \"{}\" of {} {} must have {} bytes, data_offsets give {}",
                       entry.name, name_of(kElementTypeNames, entry.type), shape_text(entry.shape),
                       bytes ? fmt::to_string(*bytes) : "2^63 or more", entry.end - entry.begin));
  }
  return entry;
}

void check_metadata(const Source& source, const MapEntry& metadata) {
  if (metadata.value.kind != Node::Kind::map) {
    refuse(source, metadata.value.offset,
           fmt::format("{} must be a map, got {}", kMetadata, describe(metadata.value)));
  }
  for (const MapEntry& entry : metadata.value.entries) {
    if (entry.value.kind != Node::Kind::quoted) {
      refuse(source, entry.value.offset,
             fmt::format("{} must map text to text, got {}", kMetadata, describe(entry.value)));
    }
  }
}

// Requires tensors in the order of their offsets.
void check_layout(const std::string& path, std::span<const TensorEntry> tensors,
                  std::int64_t data_bytes) {
  std::int64_t expected = 0;
  for (const TensorEntry& tensor : tensors) {
    if (tensor.begin != expected) {
      refuse_file(path, "bad_safetensors",
                  fmt::format("tensor \"{}\" must begin at data byte {}, where the one before it "
                              "ends, its data_offsets begin at {} ({})",
                              tensor.name, expected, tensor.begin,
                              tensor.begin < expected ? "overlap" : "gap"));
    }
    expected = tensor.end;
  }
  if (expected != data_bytes) {
    refuse_file(
        path, expected > data_bytes ? "truncated_file" : "bad_safetensors",
        fmt::format("the tensors need {} data bytes, the file has {}", expected, data_bytes));
  }
}

}  // namespace

std::string shape_text(std::span<const std::int64_t> shape) {
  return fmt::format("[{}]", fmt::join(shape.begin(), shape.end(), ", "));
}

std::vector<TensorEntry> parse_safetensors_header(const std::string& path,
                                                  std::span<const std::byte> file) {
  const std::string text = header_text(path, file);
  const auto data_begin = kLengthBytes + static_cast<std::int64_t>(text.size());
  const Document document = parse_json(make_source(path, text));
  if (document.root.kind != Node::Kind::map) {
    refuse(document.source, document.root.offset, "the header must be a map of tensors");
  }
  std::vector<TensorEntry> tensors;
  for (const MapEntry& entry : document.root.entries) {
    if (entry.key == kMetadata) {
      check_metadata(document.source, entry);
    } else {
      tensors.push_back(read_tensor(document.source, entry));
    }
  }
  const auto place = [](const TensorEntry& tensor) { return std::pair(tensor.begin, tensor.end); };
  std::sort(tensors.begin(), tensors.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  check_layout(path, tensors, static_cast<std::int64_t>(file.size()) - data_begin);
  for (TensorEntry& tensor : tensors) {
    tensor.begin += data_begin;
    tensor.end += data_begin;
  }
  return tensors;
}

}  // namespace galvatron
