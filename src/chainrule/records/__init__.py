"""The vocabulary: frozen records of what was measured and concluded; standard library only."""

from .finding import ChainLink as ChainLink
from .finding import Evidence as Evidence
from .finding import Finding as Finding
from .finding import Remedy as Remedy
from .finding import Severity as Severity
from .graph import NEVER_RAN as NEVER_RAN
from .graph import Activation as Activation
from .graph import BackwardPass as BackwardPass
from .graph import Edge as Edge
from .graph import Graph as Graph
from .graph import Node as Node
from .place import Place as Place
from .run import Bucket as Bucket
from .run import Event as Event
from .run import OptimizerOutline as OptimizerOutline
from .run import Parameter as Parameter
from .run import ParameterSample as ParameterSample
from .run import Run as Run
from .run import RunStatus as RunStatus
from .run import Series as Series
from .run import StepSample as StepSample
