#include "executor/parameters/stored_names.h"

#include <array>
#include <string_view>
#include <vector>

#include "executor/weights/refuse_file.h"

namespace galvatron {
namespace {

constexpr std::string_view kBias = "cls.predictions.bias";
constexpr std::string_view kOtherBias = "cls.predictions.decoder.bias";

struct Spelling {
  std::string_view ours;
  std::string_view other;
};

constexpr std::array<Spelling, 3> kSpellings{{{"LayerNorm.weight", "LayerNorm.gamma"},
                                              {"LayerNorm.bias", "LayerNorm.beta"},
                                              {kBias, kOtherBias}}};

std::vector<std::string> spellings_of(const std::string& name) {
  std::vector<std::string> names{name, name.substr(name.find('.') + 1)};
  for (const auto& [ours, other] : kSpellings) {
    if (!name.ends_with(ours)) continue;
    const std::string stem = name.substr(0, name.size() - ours.size());
    names.push_back(stem + std::string(other));
    names.push_back(stem.substr(stem.find('.') + 1) + std::string(other));
  }
  return names;
}

std::vector<float> values_of(const WeightFiles& files, std::string_view name) {
  const WeightFiles::Place& place = files.tensors.find(name)->second;
  const auto& shape = files.files[place.file].tensors[place.tensor].shape;
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  const std::array<ElementRange, 1> all{{{0, element_count(shape)}}};
  read_floats(files, name, all, values);
  return values;
}

void refuse_two_biases(const WeightFiles& files) {
  if (!has_tensor(files, kBias) || !has_tensor(files, kOtherBias)) return;
  if (values_of(files, kBias) == values_of(files, kOtherBias)) return;
  refuse_file(files.path, "ambiguous_tensor",
              "cls.predictions.bias and cls.predictions.decoder.bias must be equal: transformers "
              "4.x adds the former to the logits, 5.x the latter");
}

}  // namespace

std::string name_in_file(const WeightFiles& files, const std::string& name) {
  if (name == kBias) refuse_two_biases(files);
  for (const std::string& spelling : spellings_of(name)) {
    if (has_tensor(files, spelling)) return spelling;
  }
  return name;
}

}  // namespace galvatron
