#include "planner/model/model_file.h"

#include <filesystem>
#include <limits>

#include "planner/files/document.h"
#include "planner/files/reader.h"
#include "planner/model/hf_config.h"
#include "planner/model/model_limits.h"
#include "planner/model/model_yaml.h"
#include "planner/model/swin_sizes.h"

namespace galvatron {
namespace {

// What the model is called if its file does not say: "llama/config.json" is called llama.
std::string name_from(const std::string& path) {
  const std::filesystem::path file = std::filesystem::absolute(path);
  const std::string stem = file.stem().string();
  return stem == "config" ? file.parent_path().filename().string() : stem;
}

struct PositionsOf {
  std::int64_t operator()(const Gpt2Config& config) const { return config.positions; }
  std::int64_t operator()(const LlamaConfig& config) const { return config.positions; }
  std::int64_t operator()(const BertConfig& config) const { return config.positions; }
  std::int64_t operator()(const VitConfig& config) const { return token_count(config); }
  std::int64_t operator()(const T5Config&) const {
    return static_cast<std::int64_t>(kPositionsRange.most);
  }
  std::int64_t operator()(const SwinConfig& config) const { return token_count(config); }
  std::int64_t operator()(const UserModel&) const {
    return std::numeric_limits<std::int64_t>::max();
  }
};

}  // namespace

ModelReading read_model(const std::string& path) {
  const Document document = read_document(path, kRequestLimit);
  ModelReading reading;
  if (path.ends_with(".json")) {
    reading = read_hf_config(document);
  } else {
    ErrorList errors(document.source);
    MapReader reader(document.root, errors);
    reading.model = read_model_yaml(reader);
    errors.throw_if_any();
  }
  if (reading.model.name.empty()) reading.model.name = name_from(path);
  return reading;
}

bool has_fixed_length(const Model& model) {
  return std::holds_alternative<VitConfig>(model.config) ||
         std::holds_alternative<SwinConfig>(model.config);
}

std::int64_t most_positions(const Model& model) { return std::visit(PositionsOf{}, model.config); }

}  // namespace galvatron
