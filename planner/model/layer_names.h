// How a model's enumerations are spelled in its YAML form.
#pragma once

#include "cost_models/layer.h"
#include "cost_models/named_values.h"
#include "planner/model/model.h"

namespace galvatron {

inline constexpr NamedValues<LayerKind, 3> kLayerKindNames{
    {{LayerKind::embedding, "embedding"}, {LayerKind::block, "block"}, {LayerKind::head, "head"}}};
inline constexpr NamedValues<Initialization::Kind, 3> kInitializationNames{
    {{Initialization::Kind::normal, "normal"},
     {Initialization::Kind::zeros, "zeros"},
     {Initialization::Kind::ones, "ones"}}};
inline constexpr NamedValues<Product::Split, 3> kSplitNames{
    {{Product::Split::column, "column"},
     {Product::Split::row, "row"},
     {Product::Split::replicated, "replicated"}}};
inline constexpr NamedValues<Element, 4> kElementNames{{{Element::compute, "compute"},
                                                        {Element::fp32, "fp32"},
                                                        {Element::int64, "int64"},
                                                        {Element::byte, "byte"}}};
inline constexpr NamedValues<Spread, 4> kSpreadNames{{{Spread::whole, "whole"},
                                                      {Spread::sequence, "sequence"},
                                                      {Spread::tensor, "tensor"},
                                                      {Spread::gathered, "gathered"}}};
inline constexpr NamedValues<SavedTensor::Kept, 3> kKeptNames{
    {{SavedTensor::Kept::under_none, "under_none"},
     {SavedTensor::Kept::under_selective, "under_selective"},
     {SavedTensor::Kept::always, "always"}}};

inline constexpr NamedValues<StreamWork, 6> kStreamWorkNames{
    {{StreamWork::other, "other"},
     {StreamWork::norm, "norm"},
     {StreamWork::rotary, "rotary"},
     {StreamWork::residual, "residual"},
     {StreamWork::activation, "activation"},
     {StreamWork::gated, "gated"}}};

// The table that spells an enumeration of the model.
constexpr const auto& names_of(Activation) { return kActivationNames; }
constexpr const auto& names_of(BertHead) { return kBertHeadNames; }
constexpr const auto& names_of(LayerKind) { return kLayerKindNames; }
constexpr const auto& names_of(Initialization::Kind) { return kInitializationNames; }
constexpr const auto& names_of(Product::Split) { return kSplitNames; }
constexpr const auto& names_of(Element) { return kElementNames; }
constexpr const auto& names_of(Spread) { return kSpreadNames; }
constexpr const auto& names_of(SavedTensor::Kept) { return kKeptNames; }
constexpr const auto& names_of(StreamWork) { return kStreamWorkNames; }

}  // namespace galvatron
