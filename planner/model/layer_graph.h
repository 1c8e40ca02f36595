// The layer graph: nodes carry what a layer costs, edges the tensors between them.
#pragma once

#include <boost/graph/adjacency_list.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

struct LayerNode {
  int type = 0;    // index into LayerGraph::types
  int number = 0;  // 0-based place among the layers of its type; fills {} in parameter names

  bool operator==(const LayerNode&) const = default;
};

struct LayerEdge {
  std::string tensor = "hidden";
  std::int64_t elements_per_token = 0;

  bool operator==(const LayerEdge&) const = default;
};

using Graph =
    boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, LayerNode, LayerEdge>;

// Vertices are numbered in the order in which the layers run; edges go from a layer to each that
// uses what it makes.
struct LayerGraph {
  std::vector<Layer> types;  // distinct, in order of first use
  Graph graph;
};

// The layers of the model, [embedding, blocks, head] for the families.
LayerGraph build_layer_graph(const Model& model);

// By layer, elements per token of the activation behind it: of every tensor that a later layer gets
// from it or from a layer before it.
std::vector<std::int64_t> widths_after(const LayerGraph& graph);

int layer_count(const LayerGraph& graph);
const Layer& layer_at(const LayerGraph& graph, int index);

// Hugging Face's name of `parameter` in this very layer: {} becomes the block's number.
std::string parameter_name(const LayerGraph& graph, int index, const Parameter& parameter);

// Unsharded and unpadded; a tied table counts once.
std::int64_t parameter_count(const LayerGraph& graph);

}  // namespace galvatron
