package localelastic;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.node.Node;

/**
 * Runs one node until standard input closes or SIGTERM arrives: {@code Launcher HOME setting=value ...}
 *
 * <p>Standard output carries only our protocol, one line each: {@code STARTED port}, or {@code FAILED class: message}
 * for every exception of the causal chain, outermost first. All logging goes to standard error.
 */
public final class Launcher {
    private static final long CLOSE_SECONDS = 20;

    private Launcher() {}

    public static void main(String[] arguments) {
        PrintStream protocol = System.out;
        System.setOut(System.err); // before logging starts: its console appender keeps the stream it finds
        try {
            Node node = create(arguments);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node), "close-node"));
            node.start();
            int port = node.injector().getInstance(HttpServerTransport.class).boundAddress().publishAddress().getPort();
            protocol.println("STARTED " + port);
            while (System.in.read() >= 0) {} // the parent holds the other end: when it dies, by SIGKILL too, we leave
        } catch (Throwable failure) { // Errors too: the parent must learn of every reason
            failure.printStackTrace();
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                protocol.println("FAILED " + String.valueOf(cause).replace('\n', ' '));
            }
            System.exit(1);
        }
        System.exit(0);
    }

    private static Node create(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        Settings.Builder builder = Settings.builder().put("path.home", home);
        for (int i = 1; i < arguments.length; i++) {
            String[] setting = arguments[i].split("=", 2);
            builder.put(setting[0], setting[1]);
        }
        Settings settings = builder.build();
        LogConfigurator.configureWithoutConfig(settings);
        LogConfigurator.setNodeName(Node.NODE_NAME_SETTING.get(settings));
        return new Node(new Environment(settings, home.resolve("config")), ClasspathPlugins.load(home));
    }

    private static void close(Node node) {
        try {
            node.prepareForClose();
            node.close();
            if (node.awaitClose(CLOSE_SECONDS, TimeUnit.SECONDS) == false) {
                System.err.println("the node did not close within " + CLOSE_SECONDS + " s");
            }
        } catch (Exception failure) {
            failure.printStackTrace();
        }
    }
}
