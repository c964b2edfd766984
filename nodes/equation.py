"""The node that lets a picture or a latent evolve by an equation."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import diffusion
from graph.api import Label, NodeContext, NodeError, Number, Slider, node
from nodes import concerns
from nodes.cancelling import cancellable
from nodes.types import Image, Latent, Mask

_Kind = Literal["none", "edges", "target", "given", "reaction"]
_NEEDS = {"target": "which picture to pull towards", "given": "which picture or latent is the force"}


class Evolved(NamedTuple):
    """What evolved, and how."""

    result: Annotated[Image | Latent, "What it became: a picture where one came in, a latent where one came in"]
    report: Annotated[str, "Which solver was taken, and in how many steps"]


@node(
    "DiffusionEquation",
    title="Evolve picture",
    category="equation",
    aliases=("heat", "diffusion equation", "PDE", "blur", "Perona-Malik", "Gray-Scott", "reaction-diffusion"),
)
def evolve(
    *,
    u: Annotated[Image | Latent, Label("Picture"), "The picture or the latent at the time 0"],
    force: Annotated[
        _Kind,
        Label("Force f"),
        "none: heat, a blur. edges: a blur that keeps edges. target: pulled towards the second picture. given: the "
        "second picture is added at every moment. reaction: two substances that make spots and stripes",
    ] = "none",
    time: Annotated[
        float, Number(0, 1e6, 0.1), "For how long; without a force, a time t blurs as far as the square root of 2 t"
    ] = 8.0,
    steps: Annotated[
        int, Number(1, 1000, 1), "In how many steps to watch it; the solver divides those that are too long"
    ] = 20,
    strength: Annotated[
        float, Slider(0, 100, 0.01), "How strong the force is; of the reaction, 4 times as much makes it half as large"
    ] = 1.0,
    other: Annotated[
        Image | Latent | None,
        Label("Second picture"),
        "The target, or the force: of the same kind as the first. Pictures are fitted to its size",
    ] = None,
    mask: Annotated[Mask | None, "Optional: white where it evolves, black where it stays as it is"] = None,
    edge_threshold: Annotated[
        float, Slider(0.001, 1, 0.001), Label("Edge threshold", advanced=True), "Steps above this are edges that stay"
    ] = 0.05,
    feed: Annotated[
        float, Slider(0, 0.1, 0.001), Label("Feed", advanced=True), "Of the reaction: how fast new substance comes in"
    ] = 0.055,
    kill: Annotated[
        float, Slider(0, 0.1, 0.001), Label("Kill", advanced=True), "Of the reaction: how fast what was made goes away"
    ] = 0.062,
    boundary: Annotated[
        Literal["reflect", "periodic"],
        Label("Edges of the picture", advanced=True),
        "reflect: nothing flows over them; periodic: what leaves comes in on the other side",
    ] = "reflect",
    solver: Annotated[
        Literal["auto", "explicit", "spectral", "implicit"],
        Label("Solver", advanced=True),
        "explicit: many short steps. spectral: exact by waves, without a mask and edges. implicit: any length of step",
    ] = "auto",
    ctx: NodeContext,
) -> Evolved:
    """Let a picture or a latent evolve in time, like heat that spreads: du/dt = laplace(u) + f(u, x).

    Without a force it is the blur that noise grows from, and that a sampler undoes. With *edges* noise goes and
    outlines stay; *reaction* grows patterns out of bright spots; *target* turns one picture into another. The time is
    counted in pixels (in a latent: in cells), so a larger picture needs a longer one.
    """
    rooms = diffusion.equation
    latent = rooms.fields.is_latent(u)
    field = rooms.fields.field_of(u)
    planes = None if mask is None or not field.numel() else _mask(ctx, mask, field)
    second = _second(ctx, force, other, u, field)
    chosen = _force(force, field, second, strength=strength, threshold=edge_threshold, feed=feed, kill=kill)

    def on_step(step: int, total: int, now: Any) -> None:
        def picture() -> bytes:
            return diffusion.pixels.encode(rooms.fields.preview(now, latent=latent).convert("RGB"), "JPEG", quality=85)

        ctx.progress(step, total, picture)

    with cancellable(ctx) as cancelled:
        done = rooms.solving.solve(
            field,
            chosen,
            time=time,
            steps=steps,
            boundary=boundary,
            solver=solver,
            mask=planes,
            on_step=on_step,
            cancelled=cancelled,
        )
    if not latent:
        concerns.values_to_cut(ctx, done.u)
    return Evolved(rooms.fields.like(u, done.u), done.in_words())


def _mask(ctx: NodeContext, mask: Any, field: Any) -> Any:
    concerns.mask_for_evolving(ctx, mask, (field.shape[-1], field.shape[-2]), field.shape[0])
    return diffusion.equation.fields.mask_beside(mask, field)


def _second(ctx: NodeContext, force: str, other: Any, u: Any, field: Any) -> Any:
    if force not in _NEEDS:
        if other is not None:
            ctx.warn(f"the second picture is not used by the force '{force}'; choose target or given")
        return None
    if other is None:
        raise NodeError(
            f"the force '{force}' needs a second picture, which says {_NEEDS[force]}",
            input="other",
            remedy="connect one, or choose another force",
        )
    second = diffusion.equation.fields.field_of(other)
    concerns.uneven(ctx, "second pictures", int(second.shape[0]), "pictures that evolve", int(field.shape[0]))
    return diffusion.equation.fields.beside(other, u)


def _force(kind: str, field: Any, second: Any, *, strength: float, threshold: float, feed: float, kill: float) -> Any:
    forces = diffusion.equation.forces
    if kind == "target":
        return forces.towards(second, strength)
    if kind == "given":
        return forces.given(second, strength)
    if kind == "edges":
        return forces.keeping_edges(threshold)
    return forces.reaction(field.shape[1], feed, kill, strength) if kind == "reaction" else forces.none()
