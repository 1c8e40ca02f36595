#include "executor/weights/weight_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <filesystem>
#include <utility>

#include "executor/weights/refuse_file.h"
#include "planner/files/document.h"
#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

constexpr std::string_view kSingleFile = "model.safetensors";
constexpr std::string_view kIndexFile = "model.safetensors.index.json";
constexpr std::int64_t kIndexLimit = std::int64_t{64} << 20;  // a million tensors have 60 MB

[[noreturn]] void refuse(const Source& source, std::size_t offset, std::string message) {
  throw SpecError(diagnose(source, offset, {"bad_index", std::move(message), ""}));
}

void add_file(WeightFiles& weights, const std::string& path) {
  const std::size_t number = weights.files.size();
  weights.files.push_back(open_safetensors(path));
  const std::vector<TensorEntry>& tensors = weights.files.back().tensors;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    weights.tensors[tensors[i].name] = {.file = number, .tensor = i};
  }
}

// A name that stays in the folder: the index comes from somebody else.
bool is_plain_file_name(const Node& node) {
  return node.kind == Node::Kind::quoted && !node.text.empty() && node.text != "." &&
         node.text != ".." && node.text.find('/') == std::string::npos;
}

std::size_t file_number(WeightFiles& weights, const std::string& path) {
  const auto found =
      std::find_if(weights.files.begin(), weights.files.end(),
                   [&path](const SafetensorsFile& file) { return file.file.path() == path; });
  if (found != weights.files.end()) {
    return static_cast<std::size_t>(found - weights.files.begin());
  }
  weights.files.push_back(open_safetensors(path));
  return weights.files.size() - 1;
}

void add_indexed_tensor(WeightFiles& weights, const Source& index, const MapEntry& entry) {
  if (!is_plain_file_name(entry.value)) {
    refuse(index, entry.value.offset,
           fmt::format("weight_map must give the name of a file beside the index, got {}",
                       describe(entry.value)));
  }
  const auto path = std::filesystem::path(index.path).replace_filename(entry.value.text).string();
  const std::size_t number = file_number(weights, path);
  const SafetensorsFile& file = weights.files[number];
  const TensorEntry* const tensor = find_tensor(file, entry.key);
  if (tensor == nullptr) {
    refuse(index, entry.offset,
           fmt::format("{} has no tensor \"{}\"", entry.value.text, entry.key));
  }
  weights.tensors[entry.key] = {.file = number,
                                .tensor = static_cast<std::size_t>(tensor - file.tensors.data())};
}

void add_indexed_files(WeightFiles& weights, const std::string& path) {
  const Document index = read_document(path, kIndexLimit);
  const Node* const map =
      index.root.kind == Node::Kind::map ? find(index.root, "weight_map") : nullptr;
  if (map == nullptr || map->kind != Node::Kind::map) {
    refuse(index.source, index.root.offset, "must have a map \"weight_map\" from tensors to files");
  }
  for (const MapEntry& entry : map->entries) add_indexed_tensor(weights, index.source, entry);
}

}  // namespace

WeightFiles open_weights(const std::string& path) {
  const std::filesystem::path folder(path);
  WeightFiles weights;
  weights.path = path;
  if (!std::filesystem::is_directory(folder)) {
    add_file(weights, path);
  } else if (std::filesystem::exists(folder / kSingleFile)) {
    add_file(weights, (folder / kSingleFile).string());
  } else if (std::filesystem::exists(folder / kIndexFile)) {
    add_indexed_files(weights, (folder / kIndexFile).string());
  } else {
    refuse_file(path, "no_weights",
                fmt::format("the folder must hold {} or {}", kSingleFile, kIndexFile));
  }
  return weights;
}

bool has_tensor(const WeightFiles& weights, std::string_view name) {
  return weights.tensors.find(name) != weights.tensors.end();
}

void check_tensor(const WeightFiles& weights, std::string_view name,
                  std::span<const std::int64_t> shape) {
  const auto found = weights.tensors.find(name);
  if (found == weights.tensors.end()) {
    refuse_file(weights.path, "missing_tensor", fmt::format("must hold a tensor \"{}\"", name));
  }
  const SafetensorsFile& file = weights.files[found->second.file];
  const TensorEntry& tensor = file.tensors[found->second.tensor];
  if (!std::equal(shape.begin(), shape.end(), tensor.shape.begin(), tensor.shape.end())) {
    refuse_file(file.file.path(), "wrong_shape",
                fmt::format("tensor \"{}\" must have shape {}, got {}", name, shape_text(shape),
                            shape_text(tensor.shape)));
  }
}

void read_floats(const WeightFiles& weights, std::string_view name,
                 std::span<const ElementRange> ranges, std::span<float> values) {
  const auto found = weights.tensors.find(name);
  assert(found != weights.tensors.end());
  const SafetensorsFile& file = weights.files[found->second.file];
  read_floats(file, file.tensors[found->second.tensor], ranges, values);
}

}  // namespace galvatron
