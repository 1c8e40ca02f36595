#include "executor/checkpoint/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "executor/parameters/owned_pieces.h"
#include "executor/weights/refuse_file.h"
#include "planner/plan/plan_yaml.h"

namespace galvatron {
namespace {

std::string path_in(const std::string& folder, const std::string& name) {
  return (std::filesystem::path(folder) / name).string();
}

// Copies what both lists have: `bytes` are the elements of `stored`, `values` those of `wanted`,
// one after another; both lists rise. Returns how many elements that were.
std::int64_t copy_common(std::span<const ElementRange> stored, std::span<const std::byte> bytes,
                         std::span<const ElementRange> wanted, std::span<float> values) {
  std::int64_t copied = 0;
  std::int64_t from = 0;  // elements before stored.front()
  std::int64_t to = 0;    // elements before wanted.front()
  while (!stored.empty() && !wanted.empty()) {
    const ElementRange& left = stored.front();
    const ElementRange& right = wanted.front();
    const std::int64_t begin = std::max(left.begin, right.begin);
    const std::int64_t count = std::min(left.end, right.end) - begin;
    if (count > 0) {
      const auto first = static_cast<std::size_t>(from + begin - left.begin);
      std::memcpy(values.data() + (to + begin - right.begin), &bytes[first * sizeof(float)],
                  static_cast<std::size_t>(count) * sizeof(float));
      copied += count;
    }
    if (left.end <= right.end) {
      from += element_count(left);
      stored = stored.subspan(1);
    } else {
      to += element_count(right);
      wanted = wanted.subspan(1);
    }
  }
  return copied;
}

const TensorEntry& tensor_in(const SafetensorsFile& file, const std::string& name,
                             std::int64_t elements) {
  const TensorEntry* const tensor = find_tensor(file, name);
  if (tensor == nullptr || tensor->type != ElementType::f32 ||
      tensor->shape != std::vector<std::int64_t>{elements}) {
    refuse_file(file.file.path(), "wrong_shape",
                fmt::format("must hold a tensor \"{}\" of {} F32", name, elements));
  }
  return *tensor;
}

}  // namespace

Checkpoint open_checkpoint(const std::string& path) {
  Checkpoint checkpoint{.path = path, .manifest = read_manifest(path), .plan = {}};
  const std::vector<CheckpointFile>& files = checkpoint.manifest.files;
  if (files.empty() || files.front().name != kPlanFile) {
    refuse_file(path_in(path, kManifestFile), "damaged_file", "its first file must be plan.yaml");
  }
  check_file(path, files.front());
  checkpoint.plan = read_plan(path_in(path, kPlanFile));
  if (static_cast<int>(files.size()) != checkpoint.plan.devices + 1) {
    refuse_file(path_in(path, kManifestFile), "damaged_file",
                fmt::format("must name {} shards, one per device of the plan, names {}",
                            checkpoint.plan.devices, files.size() - 1));
  }
  return checkpoint;
}

void check_files(const Checkpoint& checkpoint, EveryNth which) {
  const std::vector<CheckpointFile>& files = checkpoint.manifest.files;
  for (auto number = static_cast<std::size_t>(which.first); number < files.size();
       number += static_cast<std::size_t>(which.step)) {
    check_file(checkpoint.path, files[number]);
  }
}

StoredPieces::StoredPieces(const Checkpoint& checkpoint, const std::set<std::string>& wanted)
    : path_(checkpoint.path) {
  const LayerGraph graph = build_layer_graph(checkpoint.plan.model);
  for (int rank = 0; rank < checkpoint.plan.devices; ++rank) {
    add_shard({.checkpoint = checkpoint, .graph = graph, .rank = rank}, wanted);
  }
}

void StoredPieces::add_shard(const Shard& shard, const std::set<std::string>& wanted) {
  const SafetensorsFile* file = nullptr;
  for (OwnedPiece& piece : owned_pieces(shard.checkpoint.plan, shard.graph, shard.rank)) {
    const Layer& layer = layer_at(shard.graph, piece.layer);
    const std::string name = parameter_name(
        shard.graph, piece.layer, layer.parameters[static_cast<std::size_t>(piece.parameter)]);
    if (!wanted.contains(name)) continue;
    if (file == nullptr) {
      files_.push_back(std::make_unique<SafetensorsFile>(
          open_safetensors(path_in(path_, shard_file(shard.rank)))));
      file = files_.back().get();
    }
    for (const auto& [kind, suffix] : kStateSuffixes) {
      tensor_in(*file, state_name(name, kind), element_count(piece.elements));
    }
    pieces_[name].push_back({.elements = std::move(piece.elements), .file = file});
  }
}

WeightSource StoredPieces::source(StateKind kind) const {
  return [this, kind](const Parameter&, const std::string& name,
                      std::span<const ElementRange> elements, std::span<float> values) {
    std::fill(values.begin(), values.end(), 0.0F);
    std::int64_t missing = element_count(elements);
    const auto found = pieces_.find(name);
    if (found != pieces_.end()) {
      for (const Piece& piece : found->second) {
        const TensorEntry& tensor =
            tensor_in(*piece.file, state_name(name, kind), element_count(piece.elements));
        missing -= copy_common(piece.elements, tensor_bytes(*piece.file, tensor), elements, values);
      }
    }
    if (missing != 0) {
      refuse_file(path_, "missing_tensor",
                  fmt::format("{} elements of \"{}\" are missing", missing, name));
    }
  };
}

}  // namespace galvatron
