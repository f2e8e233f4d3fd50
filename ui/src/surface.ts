/**
 * The landscape in 3-D: a bundle of its own, since three.js is larger than everything else together.
 * The floor is the plane of the parameters; the surface stands above it.
 */
import {
  AmbientLight,
  ArrowHelper,
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  DoubleSide,
  GridHelper,
  Group,
  Line,
  LineBasicMaterial,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  PerspectiveCamera,
  Scene,
  SphereGeometry,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { cividis } from "./views/landscape/colours";
import type { Grid, Point } from "./views/landscape/plane";

export interface Relief extends Grid {
  readonly point: Point | undefined;
  readonly path: readonly Point[];
  readonly gradient: readonly [number, number] | undefined;
}

export interface SurfaceView {
  draw(relief: Relief): void;
  dispose(): void;
}

export interface SurfaceModule {
  surface(canvas: HTMLCanvasElement, still: boolean): SurfaceView;
}

const SIDE = 2; // of the floor, in the scene's own units
const TALL = 1.1; // height of the picture
const ARROW = 0.55;
const HIGHEST = 0.75; // share of the points that are no higher than the picture
const TURN = Math.PI / 36;

/**
 * Begin to draw.
 *
 * @throws Error where there is no WebGL.
 */
export function surface(canvas: HTMLCanvasElement, still: boolean): SurfaceView {
  const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true });
  const scene = new Scene();
  const camera = new PerspectiveCamera(38, 4 / 3, 0.1, 50);
  camera.position.set(1.7, 3.2, 2.9); // steeply from above: one wants to look into the valleys
  const controls = new OrbitControls(camera, canvas);
  controls.target.set(0, TALL / 3, 0);
  controls.enableDamping = !still;
  scene.add(new AmbientLight(0xffffff, 1.6));
  const sun = new DirectionalLight(0xffffff, 1.8);
  sun.position.set(1, 3, 2);
  scene.add(sun);
  const floor = new GridHelper(SIDE, 10, 0x888888, 0x888888);
  floor.position.y = -0.35;
  scene.add(floor);
  let content = new Group();
  scene.add(content);

  function render(): void {
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = Math.min(devicePixelRatio, 2);
    if (canvas.width !== Math.round(width * ratio)) {
      renderer.setPixelRatio(ratio);
      renderer.setSize(width, height, false);
      camera.aspect = width / Math.max(height, 1);
      camera.updateProjectionMatrix();
    }
    renderer.render(scene, camera);
  }

  let frame = 0;
  function again(): void {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      if (controls.update()) again();
      render();
    });
  }

  function pressed(event: KeyboardEvent): void {
    const from = camera.position.clone().sub(controls.target);
    const up = new Vector3(0, 1, 0);
    const aside = new Vector3().crossVectors(up, from).normalize();
    if (event.key === "ArrowLeft") from.applyAxisAngle(up, -TURN);
    else if (event.key === "ArrowRight") from.applyAxisAngle(up, TURN);
    else if (event.key === "ArrowUp") from.applyAxisAngle(aside, -TURN);
    else if (event.key === "ArrowDown") from.applyAxisAngle(aside, TURN);
    else if (event.key === "+") from.multiplyScalar(0.9);
    else if (event.key === "-") from.multiplyScalar(1 / 0.9);
    else return;
    event.preventDefault();
    camera.position.copy(controls.target).add(from);
    again();
  }

  controls.addEventListener("change", again);
  canvas.addEventListener("keydown", pressed);
  const sized = new ResizeObserver(again);
  sized.observe(canvas);

  return {
    draw(relief) {
      scene.remove(content);
      discard(content);
      content = contentOf(relief);
      scene.add(content);
      again();
    },
    dispose() {
      cancelAnimationFrame(frame);
      sized.disconnect();
      canvas.removeEventListener("keydown", pressed);
      controls.dispose();
      discard(content);
      renderer.dispose();
    },
  };
}

function discard(group: Group): void {
  group.traverse((object) => {
    if (object instanceof Mesh || object instanceof Line) {
      object.geometry.dispose();
      object.material.dispose();
    }
  });
}

function contentOf(relief: Relief): Group {
  const { columns, rows, values, rectangle, point, path, gradient } = relief;
  const group = new Group();
  const finite = values.filter(Number.isFinite).sort();
  const low = finite[0] ?? 0;
  // a corner that is very high would press all the rest flat: what is above is left out
  const high = finite[Math.floor(HIGHEST * (finite.length - 1))] ?? 1;
  const scale = high > low ? TALL / (high - low) : 1;
  const height = (value: number) => (value - low) * scale;

  const [x0, x1] = rectangle.x;
  const [y0, y1] = rectangle.y;
  const place = ({ x, y }: Point, up: number) =>
    new Vector3(((x - x0) / (x1 - x0) - 0.5) * SIDE, up, (0.5 - (y - y0) / (y1 - y0)) * SIDE);
  const at = ({ x, y }: Point) => {
    const column = Math.round(((x - x0) / (x1 - x0)) * (columns - 1));
    const row = Math.round(((y - y0) / (y1 - y0)) * (rows - 1));
    return values[row * columns + column] ?? NaN;
  };

  const positions = new Float32Array(3 * columns * rows);
  const colours = new Float32Array(3 * columns * rows);
  const colour = new Color();
  values.forEach((value, i) => {
    const column = i % columns;
    const row = Math.floor(i / columns);
    const up = Number.isFinite(value) ? Math.min(height(value), TALL) : 0;
    positions.set([(column / (columns - 1) - 0.5) * SIDE, up, (0.5 - row / (rows - 1)) * SIDE], 3 * i);
    colour.set(cividis(up / TALL).replaceAll(" ", ",")).toArray(colours, 3 * i);
  });
  const indices: number[] = [];
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const a = row * columns + column;
      const corners = [a, a + 1, a + columns, a + columns + 1];
      if (corners.some((corner) => !Number.isFinite(values[corner]))) continue;
      if (corners.every((corner) => (values[corner] as number) > high)) continue;
      const [p, q, r, s] = corners as [number, number, number, number];
      indices.push(p, q, r, q, s, r);
    }
  }
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(positions, 3));
  geometry.setAttribute("color", new BufferAttribute(colours, 3));
  geometry.setIndex(indices);
  geometry.computeVertexNormals();
  group.add(new Mesh(geometry, new MeshLambertMaterial({ vertexColors: true, side: DoubleSide, transparent: true, opacity: 0.93 })));

  const inside = path.filter((each) => at(each) <= high);
  if (inside.length > 1) {
    const points = inside.map((each) => place(each, height(at(each)) + 0.015));
    group.add(new Line(new BufferGeometry().setFromPoints(points), new LineBasicMaterial({ color: 0xffffff })));
  }
  if (point && Number.isFinite(at(point))) {
    const ball = new Mesh(new SphereGeometry(0.035), new MeshBasicMaterial({ color: 0xe69f00 }));
    const foot = place(point, height(at(point)));
    ball.position.copy(foot);
    group.add(ball);
    if (gradient && Math.hypot(...gradient) > 0) {
      const [gx, gy] = gradient;
      const flat = new Vector3((gx * SIDE) / (x1 - x0), 0, (-gy * SIDE) / (y1 - y0));
      const shadow = place(point, -0.35);
      group.add(new ArrowHelper(flat.clone().normalize(), shadow, ARROW, 0xe69f00, 0.12, 0.07));
      // along the floor's direction the surface climbs by ∇L·d for each d
      const step = flat.clone().normalize().multiplyScalar(0.01);
      const dx = (step.x / SIDE) * (x1 - x0);
      const dy = (-step.z / SIDE) * (y1 - y0);
      const lifted = step.clone().setY((gx * dx + gy * dy) * scale).normalize();
      group.add(new ArrowHelper(lifted, foot, ARROW, 0xd55e00, 0.12, 0.07));
      const drop = new BufferGeometry().setFromPoints([foot, shadow]);
      group.add(new Line(drop, new LineBasicMaterial({ color: 0x888888 })));
    }
  }
  return group;
}
