// Writes a safetensors file of float32 tensors in pieces, in any order, so that no process ever
// holds more than the piece it writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "executor/weights/element_range.h"
#include "executor/weights/safetensors_header.h"

namespace galvatron {

struct NewTensor {
  std::string name;
  std::vector<std::int64_t> shape;
};

// The file appears under its name, whole and on disk, when finish() returns; until then it is
// `path`.partial, which goes with the writer. Calls that fail throw std::system_error.
class SafetensorsWriter {
 public:
  // Requires distinct names. The order of the tensors does not matter.
  SafetensorsWriter(std::string path, const std::vector<NewTensor>& tensors);
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;
  ~SafetensorsWriter();

  // Requires ranges inside the tensor that no other call wrote. Values beyond the ranges are
  // padding and left out, as read_floats fills them.
  void write(std::string_view name, std::span<const ElementRange> ranges,
             std::span<const float> values);

  // Throws std::logic_error, naming the tensor, if elements are missing.
  void finish();

 private:
  struct Progress {
    TensorEntry tensor;
    std::int64_t written = 0;  // elements
  };

  std::string partial_path() const { return path_ + ".partial"; }
  void write_at(std::int64_t offset, std::span<const std::byte> bytes) const;

  std::string path_;
  std::vector<Progress> tensors_;
  int descriptor_ = -1;
};

}  // namespace galvatron
