// One checkpoint as it is read: its manifest, the plan it was saved under, and the values of any
// elements of the model, whichever ranks wrote them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "executor/checkpoint/manifest.h"
#include "executor/checkpoint/state_kind.h"
#include "executor/parameters/weight_source.h"
#include "executor/weights/safetensors_file.h"
#include "planner/plan/plan.h"

namespace galvatron {

struct Checkpoint {
  std::string path;
  Manifest manifest;
  Plan plan;
};

// Throws SpecError if manifest or plan are missing or damaged. The shards are not looked at.
Checkpoint open_checkpoint(const std::string& path);

// Throws SpecError for the first damaged one of the files number first, first + step, …
struct EveryNth {
  int first = 0;
  int step = 1;
};
void check_files(const Checkpoint& checkpoint, EveryNth which);

// The pieces of some parameters, wherever they lie. Files that hold none of them are not opened.
class StoredPieces {
 public:
  // `wanted`: names of parameters. Throws SpecError if a shard lacks a piece that it must have.
  StoredPieces(const Checkpoint& checkpoint, const std::set<std::string>& wanted);

  // A source of weights or of moments. The pieces must outlive it.
  // It throws SpecError if elements are asked for that no piece has.
  WeightSource source(StateKind kind) const;

 private:
  struct Piece {
    ElementRanges elements;  // of the whole parameter, rising
    const SafetensorsFile* file = nullptr;
  };

  struct Shard {
    const Checkpoint& checkpoint;
    const LayerGraph& graph;
    int rank = 0;
  };
  void add_shard(const Shard& shard, const std::set<std::string>& wanted);

  std::string path_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  std::map<std::string, std::vector<Piece>> pieces_;  // by the parameter's name
};

}  // namespace galvatron
