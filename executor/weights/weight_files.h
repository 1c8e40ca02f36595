// The weights of one model as Hugging Face stores them: model.safetensors, or several files named
// by model.safetensors.index.json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "executor/weights/safetensors_file.h"

namespace galvatron {

struct WeightFiles {
  struct Place {
    std::size_t file = 0;
    std::size_t tensor = 0;
  };

  std::string path;  // as the user gave it; errors quote it
  std::vector<SafetensorsFile> files;
  std::map<std::string, Place, std::less<>> tensors;  // by name
};

// `path` is a folder, or one safetensors file.
//
// Throws SpecError if the folder holds neither form, or a file is malformed or lacks a tensor that
// the index expects in it.
WeightFiles open_weights(const std::string& path);

bool has_tensor(const WeightFiles& weights, std::string_view name);

// Throws SpecError if there is no such tensor or its shape is another one.
void check_tensor(const WeightFiles& weights, std::string_view name,
                  std::span<const std::int64_t> shape);

// As read_floats of one file. Requires a tensor that check_tensor accepted.
void read_floats(const WeightFiles& weights, std::string_view name,
                 std::span<const ElementRange> ranges, std::span<float> values);

}  // namespace galvatron
