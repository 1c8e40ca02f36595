#include "planner/import/galvatron_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "cost_models/parameter_units.h"
#include "planner/files/document.h"
#include "planner/files/error_list.h"
#include "planner/files/quantity.h"
#include "planner/files/spec_error.h"
#include "planner/import/galvatron_model_keys.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/layer_identity.h"

namespace galvatron {
namespace {

struct Memory {
  Bytes parameters;  // fp32
  Bytes kept;        // per sample, on one rank
};

struct MeasuredBlock {
  const Layer& layer;
  std::map<std::int64_t, Seconds> forward;  // of a whole batch, by its samples
  std::optional<Memory> memory;
};

// What the files hold, by the types of layers they number.
struct Measured {
  std::vector<MeasuredBlock> blocks;
  std::map<std::string_view, std::vector<std::string>> left_out;  // keys, by the reason
  std::set<std::int64_t> other_sequences;
};

std::vector<MeasuredBlock> blocks_of(const LayerGraph& graph) {
  std::vector<MeasuredBlock> blocks;
  for (const Layer& layer : graph.types) {
    if (layer.kind == LayerKind::block && !layer.attentions.empty()) {
      blocks.push_back({.layer = layer, .forward = {}, .memory = {}});
    }
  }
  return blocks;
}

class FileReader {
 public:
  FileReader(const Document& document, const Model& model, Measured& found)
      : document_(document), model_(model), found_(found), errors_(document.source) {}

  void read() {
    const Node& root = document_.root;
    if (root.kind != Node::Kind::map) {
      refuse(root.offset, "must be an object, got " + describe(root));
    }
    for (const MapEntry& entry : root.entries) read_entry(entry);
    errors_.throw_if_any();
  }

 private:
  void refuse(std::size_t offset, std::string message) {
    errors_.add(offset, {"bad_value", std::move(message)});
  }

  void read_entry(const MapEntry& entry);
  void read_time(const MapEntry& entry, const GalvatronLayerKey& key, MeasuredBlock& block);
  void read_memory(const Node& node, MeasuredBlock& block);
  void read_memory_by_length(const Node& node, MeasuredBlock& block);
  std::optional<double> positive(std::string_view name, const Node& node);
  bool is_of_this_length(std::int64_t sequence);

  const Document& document_;
  const Model& model_;
  Measured& found_;
  ErrorList errors_;
};

void FileReader::read_entry(const MapEntry& entry) {
  const std::string_view reason = left_out_because(entry.key);
  if (!reason.empty()) {
    found_.left_out[reason].push_back(entry.key);
    return;
  }
  const std::optional<GalvatronLayerKey> key = galvatron_layer_key(entry.key);
  if (!key) {
    return errors_.add(
        entry.offset, {"unknown_key",
                       fmt::format("unknown key {}, expected layertype_N_bszB_seqS, layertype_N or "
                                   "other_memory_pp_...",
                                   entry.key)});
  }
  if (key->type >= std::ssize(found_.blocks)) {
    return refuse(entry.offset, fmt::format("{} must be of a type of layer that {} has: {} of them "
                                            "have attention",
                                            entry.key, model_.name, found_.blocks.size()));
  }
  MeasuredBlock& block = found_.blocks[static_cast<std::size_t>(key->type)];
  if (entry.value.kind == Node::Kind::map) {
    read_memory(entry.value, block);
  } else {
    read_time(entry, *key, block);
  }
}

void FileReader::read_time(const MapEntry& entry, const GalvatronLayerKey& key,
                           MeasuredBlock& block) {
  const std::optional<double> per_sample = positive(entry.key, entry.value);
  if (!per_sample || (key.sequence && !is_of_this_length(*key.sequence))) return;
  block.forward[key.samples] = Seconds{1e-3 * *per_sample * static_cast<double>(key.samples)};
}

void FileReader::read_memory(const Node& node, MeasuredBlock& block) {
  const Node* const parameters = find(node, "parameter_size");
  const Node* const kept = find(node, "tp_activation_per_bsz_dict");
  if (parameters == nullptr && kept == nullptr) return read_memory_by_length(node, block);
  const Node* const by_one_rank = kept == nullptr ? nullptr : find(*kept, "1");
  if (parameters == nullptr || by_one_rank == nullptr) {
    return refuse(node.offset,
                  "must hold parameter_size, and tp_activation_per_bsz_dict with the key 1");
  }
  const auto mebibytes = [this](std::string_view name, const Node& value) {
    const double number = positive(name, value).value_or(0);
    return Bytes{std::llround(number * static_cast<double>(kMiB.value))};
  };
  block.memory = Memory{.parameters = mebibytes("parameter_size", *parameters),
                        .kept = mebibytes("tp_activation_per_bsz_dict.1", *by_one_rank)};
  for (const MapEntry& entry : kept->entries) {
    if (entry.key == "1") continue;
    found_.left_out["what is kept by tensor degrees that have no times"].push_back(
        "tp_activation_per_bsz_dict." + entry.key);
  }
}

void FileReader::read_memory_by_length(const Node& node, MeasuredBlock& block) {
  for (const MapEntry& entry : node.entries) {
    const std::optional<std::int64_t> sequence = parse_integer(entry.key);
    if (!sequence || entry.value.kind != Node::Kind::map) {
      refuse(entry.offset, fmt::format("{} must be parameter_size, tp_activation_per_bsz_dict or a "
                                       "sequence length that has them",
                                       entry.key));
    } else if (is_of_this_length(*sequence)) {
      read_memory(entry.value, block);
    }
  }
}

std::optional<double> FileReader::positive(std::string_view name, const Node& node) {
  const std::optional<double> value = node.is_scalar() ? parse_number(node.text) : std::nullopt;
  if (value && *value > 0) return value;
  refuse(node.offset, fmt::format("{} must be a positive number, got {}", name, describe(node)));
  return std::nullopt;
}

bool FileReader::is_of_this_length(std::int64_t sequence) {
  if (sequence == model_.sequence_length) return true;
  found_.other_sequences.insert(sequence);
  return false;
}

// A single time stands for all that a series says.
ProfiledLayer profiled(const MeasuredBlock& block) {
  ProfiledLayer layer{.type = block.layer.type, .identity = layer_identity(block.layer)};
  for (const auto& [samples, forward] : block.forward) {
    layer.samples.push_back(samples);
    append(layer.forward,
           {.median = forward, .minimum = forward, .p95 = forward, .repetitions = 1});
    const Seconds backward = forward * 2;
    append(layer.backward,
           {.median = backward, .minimum = backward, .p95 = backward, .repetitions = 1});
    if (block.memory) layer.saved.push_back(samples * block.memory->kept);
  }
  return layer;
}

Bytes parameter_bytes(const Layer& layer) {
  constexpr std::int64_t kElementBytes = 4;
  std::int64_t elements = 0;
  for (const ParameterUnit& unit : parameter_units(layer, 1)) elements += unit.elements;
  return {elements * kElementBytes};
}

// Empty where the file's layer may be the model's.
std::string parameter_note(const MeasuredBlock& block) {
  constexpr double kTolerance = 0.02;
  if (!block.memory) return "";
  const auto found = static_cast<double>(block.memory->parameters.value);
  const auto expected = static_cast<double>(parameter_bytes(block.layer).value);
  if (std::abs(found / expected - 1) <= kTolerance) return "";
  const auto mebibyte = static_cast<double>(kMiB.value);
  return fmt::format("parameter_size is {:.1f} MiB, and {} has {:.1f} MiB: is it another model?",
                     found / mebibyte, block.layer.type, expected / mebibyte);
}

std::vector<std::string> notes_of(const Measured& measured, const Model& model) {
  std::vector<std::string> notes;
  for (const auto& [reason, keys] : measured.left_out) {
    notes.push_back(
        fmt::format("left out: {}{} ({})", keys.front(),
                    keys.size() == 1 ? "" : fmt::format(" and {} more", keys.size() - 1), reason));
  }
  if (!measured.other_sequences.empty()) {
    notes.push_back(fmt::format("left out: layers of {} tokens (the model has {}: --sequence)",
                                fmt::join(measured.other_sequences, ", "), model.sequence_length));
  }
  for (const MeasuredBlock& block : measured.blocks) {
    if (block.forward.empty()) {
      notes.push_back(fmt::format("no time is of {}: the kernel laws price it", block.layer.type));
    }
    const std::string parameters = parameter_note(block);
    if (!parameters.empty()) notes.push_back(parameters);
  }
  return notes;
}

[[noreturn]] void refuse_without_times(const std::string& path, const Measured& measured,
                                       const Model& model) {
  const std::string others =
      measured.other_sequences.empty()
          ? "expected keys like layertype_0_bsz8_seq2048"
          : fmt::format("it has some of {}", fmt::join(measured.other_sequences, ", "));
  throw SpecError(Diagnostic{.code = "no_times",
                             .message = fmt::format("holds no time of a layer of {} tokens: {}",
                                                    model.sequence_length, others),
                             .file = path});
}

}  // namespace

bool is_galvatron_model_profile(const std::string& path) {
  if (!path.ends_with(".json")) return false;
  const Document document = read_document(path, kPlanLimit);
  return !document.root.entries.empty() && tells_of_a_model(document.root.entries.front().key);
}

ImportedModelProfile read_galvatron_model_profile(std::vector<Source> sources,
                                                  const GalvatronModelTarget& target) {
  const LayerGraph graph = build_layer_graph(target.model);
  Measured measured{.blocks = blocks_of(graph), .left_out = {}, .other_sequences = {}};
  const std::string path = sources.front().path;
  for (Source& source : sources) {
    const Document document = parse_json(std::move(source));
    FileReader(document, target.model, measured).read();
  }
  ImportedModelProfile imported{.profile = {.model = target.model.name,
                                            .device = target.device,
                                            .precision = target.precision,
                                            .origin = target.origin},
                                .notes = notes_of(measured, target.model)};
  for (const MeasuredBlock& block : measured.blocks) {
    if (!block.forward.empty()) imported.profile.layers.push_back(profiled(block));
  }
  if (imported.profile.layers.empty()) refuse_without_times(path, measured, target.model);
  return imported;
}

}  // namespace galvatron
