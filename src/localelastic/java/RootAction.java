package localelastic;

import java.util.List;
import java.util.function.Supplier;
import org.apache.lucene.util.Version;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.node.Node;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestRequest.Method;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/** {@code GET /} and {@code HEAD /}: who answers here. Official clients ask it before anything else. */
final class RootAction extends BaseRestHandler {
    private final Supplier<ClusterService> cluster;

    RootAction(Supplier<ClusterService> cluster) {
        this.cluster = cluster;
    }

    @Override
    public String getName() {
        return "localelastic_root";
    }

    @Override
    public List<Route> routes() {
        return List.of(new Route(Method.GET, "/"), new Route(Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
        return channel -> {
            ClusterService service = cluster.get();
            Build build = Build.current();
            XContentBuilder answer = channel.newBuilder();
            if (request.hasParam("pretty") == false) {
                answer.prettyPrint().lfAtEnd();
            }
            answer.startObject();
            answer.field("name", Node.NODE_NAME_SETTING.get(service.getSettings()));
            answer.field("cluster_name", service.getClusterName().value());
            answer.field("cluster_uuid", service.state().metadata().clusterUUID());
            answer.startObject("version");
            answer.field("number", build.qualifiedVersion());
            answer.field("build_flavor", build.flavor());
            answer.field("build_type", build.type().displayName());
            answer.field("build_hash", build.hash());
            answer.field("build_date", build.date());
            answer.field("build_snapshot", build.isSnapshot());
            answer.field("lucene_version", Version.LATEST.toString());
            answer.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
            answer.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
            answer.endObject();
            answer.field("tagline", "You Know, for Search");
            answer.endObject();
            channel.sendResponse(new RestResponse(RestStatus.OK, answer));
        };
    }
}
